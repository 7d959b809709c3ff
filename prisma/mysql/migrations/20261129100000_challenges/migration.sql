-- CreateTable
CREATE TABLE `Challenge` (
    `id` CHAR(22) NOT NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `lastTry` CHAR(64) NULL,
    `usedAt` DATETIME(3) NULL,
    `keyHash` CHAR(64) NULL,
    `outcome` VARCHAR(36) NULL,
    `expiresAt` DATETIME(3) NOT NULL,

    INDEX `Challenge_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;
