-- No release could write houses before this one; a row that somebody put there by hand is kept.

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
CREATE TABLE "new_House" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "projectNo" TEXT NOT NULL,
    "projectName" TEXT NOT NULL,
    "projectAddress" TEXT,
    "searchNo" TEXT NOT NULL,
    "searchName" TEXT NOT NULL,
    "searchAddress" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "photoCount" INTEGER NOT NULL DEFAULT 0,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    CONSTRAINT "House_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_House" ("id", "projectNo", "projectName", "projectAddress", "searchNo", "searchName", "searchAddress", "ownerId", "version", "createdAt", "updatedAt")
SELECT "id", "projectNo", "projectName", "projectAddress", upper("projectNo"), upper("projectName"), upper(coalesce("projectAddress", '')), "ownerId", "version", "createdAt", "updatedAt" FROM "House";
DROP TABLE "House";
ALTER TABLE "new_House" RENAME TO "House";

-- CreateTable
CREATE TABLE "Photo" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "houseId" TEXT,
    "contentType" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "storedAt" DATETIME,
    CONSTRAINT "Photo_houseId_fkey" FOREIGN KEY ("houseId") REFERENCES "House" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "IdempotentRequest" (
    "userId" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "requestHash" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,

    PRIMARY KEY ("userId", "keyHash"),
    CONSTRAINT "IdempotentRequest_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "House_projectNo_key" ON "House"("projectNo");

-- CreateIndex
CREATE INDEX "House_updatedAt_id_idx" ON "House"("updatedAt", "id");

-- CreateIndex
CREATE INDEX "House_projectName_id_idx" ON "House"("projectName", "id");

-- CreateIndex
CREATE INDEX "House_ownerId_id_idx" ON "House"("ownerId", "id");

-- CreateIndex
CREATE INDEX "House_ownerId_updatedAt_id_idx" ON "House"("ownerId", "updatedAt", "id");

-- CreateIndex
CREATE INDEX "House_ownerId_projectNo_idx" ON "House"("ownerId", "projectNo");

-- CreateIndex
CREATE INDEX "House_ownerId_projectName_id_idx" ON "House"("ownerId", "projectName", "id");

-- CreateIndex
CREATE INDEX "Photo_houseId_id_idx" ON "Photo"("houseId", "id");

-- CreateIndex
CREATE INDEX "Photo_storedAt_idx" ON "Photo"("storedAt");

-- CreateIndex
CREATE INDEX "IdempotentRequest_createdAt_idx" ON "IdempotentRequest"("createdAt");
