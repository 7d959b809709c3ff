-- AlterTable
ALTER TABLE `User` ADD COLUMN `verifiedElsewhere` BOOLEAN NOT NULL DEFAULT false;
