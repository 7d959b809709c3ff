-- Accounts may have no password yet, changes are counted, and administrators search in names.

-- AlterTable
ALTER TABLE `User` MODIFY `passwordHash` VARCHAR(255) NULL,
    ADD COLUMN `version` INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN `searchName` VARCHAR(300) NULL;

-- CreateIndex
CREATE INDEX `User_role_idx` ON `User`(`role`);

UPDATE `User` SET `searchName` = UPPER(`name`) WHERE `name` IS NOT NULL;
