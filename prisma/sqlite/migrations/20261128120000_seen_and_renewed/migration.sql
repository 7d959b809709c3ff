-- AlterTable
ALTER TABLE "Session" ADD COLUMN "lowestLiving" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "Session" ADD COLUMN "seenGeneration" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Session" ADD COLUMN "renewedAt" DATETIME;

-- CreateIndex
CREATE INDEX "Session_renewedAt_id_idx" ON "Session"("renewedAt", "id");
