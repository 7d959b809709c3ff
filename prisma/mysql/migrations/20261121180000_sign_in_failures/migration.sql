-- CreateTable
CREATE TABLE `SignInFailures` (
    `subject` VARCHAR(36) NOT NULL,
    `device` VARCHAR(36) NOT NULL,
    `failures` INTEGER NOT NULL,
    `lockedUntil` DATETIME(3) NULL,
    `expiresAt` DATETIME(3) NOT NULL,

    INDEX `SignInFailures_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`subject`, `device`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;
