-- AlterTable
ALTER TABLE `User` ADD COLUMN `secondFactor` BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE `Factor` (
    `id` CHAR(36) NOT NULL,
    `userId` CHAR(36) NOT NULL,
    `kind` VARCHAR(16) NOT NULL,
    `name` VARCHAR(100) NULL,
    `secret` VARCHAR(2000) NOT NULL,
    `counter` BIGINT NOT NULL DEFAULT 0,
    `credentialKey` CHAR(64) NOT NULL,
    `credentialId` VARCHAR(1364) NULL,
    `rpId` VARCHAR(253) NULL,
    `backupEligible` BOOLEAN NOT NULL DEFAULT false,
    `backedUp` BOOLEAN NOT NULL DEFAULT false,
    `transports` VARCHAR(100) NULL,
    `aaguid` CHAR(36) NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `lastUsedAt` DATETIME(3) NULL,

    UNIQUE INDEX `Factor_credentialKey_key`(`credentialKey`),
    INDEX `Factor_userId_idx`(`userId`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateTable
CREATE TABLE `RecoveryCode` (
    `factorId` CHAR(36) NOT NULL,
    `hash` CHAR(43) NOT NULL,

    PRIMARY KEY (`factorId`, `hash`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- AddForeignKey
ALTER TABLE `Factor` ADD CONSTRAINT `Factor_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `RecoveryCode` ADD CONSTRAINT `RecoveryCode_factorId_fkey` FOREIGN KEY (`factorId`) REFERENCES `Factor`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
