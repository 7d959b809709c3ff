-- AlterTable
ALTER TABLE `User`
    ADD COLUMN `deletionDueAt` DATETIME(3) NULL,
    ADD INDEX `User_deletionDueAt_idx`(`deletionDueAt`);
