-- AlterTable
ALTER TABLE "User" ADD COLUMN "pendingEmail" TEXT;
ALTER TABLE "User" ADD COLUMN "pendingEmailKey" TEXT;
ALTER TABLE "User" ADD COLUMN "emailUndoneFrom" DATETIME;
ALTER TABLE "User" ADD COLUMN "emailUndoneAt" DATETIME;
