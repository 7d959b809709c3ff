-- AlterTable
ALTER TABLE `User` ADD COLUMN `pendingEmail` VARCHAR(254) NULL,
    ADD COLUMN `pendingEmailKey` VARCHAR(254) NULL,
    ADD COLUMN `emailUndoneFrom` DATETIME(3) NULL,
    ADD COLUMN `emailUndoneAt` DATETIME(3) NULL;
