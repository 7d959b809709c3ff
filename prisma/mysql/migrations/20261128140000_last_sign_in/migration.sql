-- AlterTable
ALTER TABLE `User` ADD COLUMN `lastSignInAt` DATETIME(3) NULL;
