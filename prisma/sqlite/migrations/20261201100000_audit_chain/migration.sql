-- AlterTable
ALTER TABLE "AuditEvent" ADD COLUMN "actorId" TEXT;
ALTER TABLE "AuditEvent" ADD COLUMN "requestId" TEXT;
ALTER TABLE "AuditEvent" ADD COLUMN "origin" TEXT;
ALTER TABLE "AuditEvent" ADD COLUMN "originSalt" TEXT;
ALTER TABLE "AuditEvent" ADD COLUMN "day" INTEGER;
ALTER TABLE "AuditEvent" ADD COLUMN "seq" INTEGER;
ALTER TABLE "AuditEvent" ADD COLUMN "hash" TEXT;

-- CreateTable
CREATE TABLE "AuditDay" (
    "day" INTEGER NOT NULL PRIMARY KEY,
    "count" INTEGER NOT NULL,
    "previous" TEXT NOT NULL,
    "head" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "AuditDay_state_day_idx" ON "AuditDay"("state", "day");

-- DropIndex
DROP INDEX "AuditEvent_userId_at_idx";

-- DropIndex
DROP INDEX "AuditEvent_at_idx";

-- CreateIndex
CREATE UNIQUE INDEX "AuditEvent_day_seq_key" ON "AuditEvent"("day", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_userId_id_idx" ON "AuditEvent"("userId", "id");

-- CreateIndex
CREATE INDEX "AuditEvent_actorId_id_idx" ON "AuditEvent"("actorId", "id");

-- CreateIndex
CREATE INDEX "AuditEvent_type_id_idx" ON "AuditEvent"("type", "id");
