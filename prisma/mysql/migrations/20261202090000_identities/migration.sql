-- AlterTable
ALTER TABLE `Session` ADD COLUMN `heldAt` DATETIME(3) NULL;

-- CreateTable
CREATE TABLE `Identity` (
    `id` CHAR(36) NOT NULL,
    `userId` CHAR(36) NOT NULL,
    `issuer` VARCHAR(255) NOT NULL,
    `issuerHash` CHAR(43) NOT NULL,
    `subject` VARCHAR(255) NOT NULL,
    `provider` VARCHAR(32) NOT NULL,
    `email` VARCHAR(254) NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `lastUsedAt` DATETIME(3) NULL,

    INDEX `Identity_userId_idx`(`userId`),
    UNIQUE INDEX `Identity_issuerHash_subject_key`(`issuerHash`, `subject`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- AddForeignKey
ALTER TABLE `Identity` ADD CONSTRAINT `Identity_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
