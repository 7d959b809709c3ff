-- No release could write houses before this one; a row that somebody put there by hand is kept.

-- AlterTable
ALTER TABLE `House` ADD COLUMN `searchNo` VARCHAR(1152) NOT NULL,
    ADD COLUMN `searchName` VARCHAR(2304) NOT NULL,
    ADD COLUMN `searchAddress` VARCHAR(2304) NOT NULL,
    ADD COLUMN `photoCount` INTEGER NOT NULL DEFAULT 0,
    ADD INDEX `House_updatedAt_id_idx`(`updatedAt`, `id`),
    ADD INDEX `House_projectName_id_idx`(`projectName`, `id`),
    ADD INDEX `House_ownerId_id_idx`(`ownerId`, `id`),
    ADD INDEX `House_ownerId_updatedAt_id_idx`(`ownerId`, `updatedAt`, `id`),
    ADD INDEX `House_ownerId_projectNo_idx`(`ownerId`, `projectNo`),
    ADD INDEX `House_ownerId_projectName_id_idx`(`ownerId`, `projectName`, `id`),
    DROP INDEX `House_ownerId_idx`;

UPDATE `House` SET `searchNo` = UPPER(`projectNo`), `searchName` = UPPER(`projectName`), `searchAddress` = UPPER(COALESCE(`projectAddress`, ''));

-- CreateTable
CREATE TABLE `Photo` (
    `id` CHAR(36) NOT NULL,
    `houseId` CHAR(36) NULL,
    `contentType` VARCHAR(16) NOT NULL,
    `width` INTEGER NOT NULL,
    `height` INTEGER NOT NULL,
    `bytes` INTEGER NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `storedAt` DATETIME(3) NULL,

    INDEX `Photo_houseId_id_idx`(`houseId`, `id`),
    INDEX `Photo_storedAt_idx`(`storedAt`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateTable
CREATE TABLE `IdempotentRequest` (
    `userId` CHAR(36) NOT NULL,
    `keyHash` CHAR(64) NOT NULL,
    `requestHash` CHAR(64) NOT NULL,
    `answer` VARCHAR(4000) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,

    INDEX `IdempotentRequest_createdAt_idx`(`createdAt`),
    PRIMARY KEY (`userId`, `keyHash`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- AddForeignKey
ALTER TABLE `Photo` ADD CONSTRAINT `Photo_houseId_fkey` FOREIGN KEY (`houseId`) REFERENCES `House`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `IdempotentRequest` ADD CONSTRAINT `IdempotentRequest_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
