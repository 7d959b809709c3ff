-- AlterTable
ALTER TABLE "User" ADD COLUMN "secondFactor" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "Factor" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "userId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT,
    "secret" TEXT NOT NULL,
    "counter" BIGINT NOT NULL DEFAULT 0,
    "credentialKey" TEXT NOT NULL,
    "credentialId" TEXT,
    "rpId" TEXT,
    "backupEligible" BOOLEAN NOT NULL DEFAULT false,
    "backedUp" BOOLEAN NOT NULL DEFAULT false,
    "transports" TEXT,
    "aaguid" TEXT,
    "createdAt" DATETIME NOT NULL,
    "lastUsedAt" DATETIME,
    CONSTRAINT "Factor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RecoveryCode" (
    "factorId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    PRIMARY KEY ("factorId", "hash"),
    CONSTRAINT "RecoveryCode_factorId_fkey" FOREIGN KEY ("factorId") REFERENCES "Factor" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "Factor_credentialKey_key" ON "Factor"("credentialKey");

-- CreateIndex
CREATE INDEX "Factor_userId_idx" ON "Factor"("userId");
