-- CreateTable
CREATE TABLE `Mail` (
    `id` CHAR(36) NOT NULL,
    `kind` VARCHAR(40) NOT NULL,
    `userId` CHAR(36) NULL,
    `address` VARCHAR(254) NOT NULL,
    `challenge` VARCHAR(1000) NULL,
    `facts` VARCHAR(500) NOT NULL,
    `dueAt` DATETIME(3) NOT NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `claimedUntil` DATETIME(3) NULL,
    `expiresAt` DATETIME(3) NOT NULL,

    INDEX `Mail_dueAt_idx`(`dueAt`),
    INDEX `Mail_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;
