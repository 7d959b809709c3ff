-- AlterTable
ALTER TABLE `User` ADD COLUMN `locale` VARCHAR(35) NULL;
