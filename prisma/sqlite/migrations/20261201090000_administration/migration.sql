-- Accounts may have no password yet, changes are counted, and administrators search in names: in those
-- with letters beyond ASCII without regard to case once they are next written.

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
CREATE TABLE "new_User" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "username" TEXT NOT NULL,
    "usernameKey" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailKey" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "pendingEmail" TEXT,
    "pendingEmailKey" TEXT,
    "emailUndoneFrom" DATETIME,
    "emailUndoneAt" DATETIME,
    "name" TEXT,
    "role" TEXT NOT NULL DEFAULT 'user',
    "roleChangedAt" DATETIME,
    "passwordHash" TEXT,
    "secondFactor" BOOLEAN NOT NULL DEFAULT false,
    "credentialVersion" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL DEFAULT 1,
    "searchName" TEXT,
    "disabledAt" DATETIME,
    "lastSignInAt" DATETIME,
    "photoBytes" BIGINT NOT NULL DEFAULT 0,
    "houseCount" INTEGER NOT NULL DEFAULT 0,
    "noteCount" INTEGER NOT NULL DEFAULT 0,
    "keyDay" INTEGER NOT NULL DEFAULT 0,
    "keyCount" INTEGER NOT NULL DEFAULT 0,
    "deletionDueAt" DATETIME,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL
);
INSERT INTO "new_User" ("id", "username", "usernameKey", "email", "emailKey", "emailVerified", "pendingEmail", "pendingEmailKey", "emailUndoneFrom", "emailUndoneAt", "name", "role", "roleChangedAt", "passwordHash", "secondFactor", "credentialVersion", "disabledAt", "lastSignInAt", "photoBytes", "houseCount", "noteCount", "keyDay", "keyCount", "deletionDueAt", "createdAt", "updatedAt", "searchName")
SELECT "id", "username", "usernameKey", "email", "emailKey", "emailVerified", "pendingEmail", "pendingEmailKey", "emailUndoneFrom", "emailUndoneAt", "name", "role", "roleChangedAt", "passwordHash", "secondFactor", "credentialVersion", "disabledAt", "lastSignInAt", "photoBytes", "houseCount", "noteCount", "keyDay", "keyCount", "deletionDueAt", "createdAt", "updatedAt",
    upper("name")
FROM "User";
DROP TABLE "User";
ALTER TABLE "new_User" RENAME TO "User";

-- CreateIndex
CREATE UNIQUE INDEX "User_usernameKey_key" ON "User"("usernameKey");
CREATE UNIQUE INDEX "User_emailKey_key" ON "User"("emailKey");
CREATE INDEX "User_role_idx" ON "User"("role");
CREATE INDEX "User_roleChangedAt_idx" ON "User"("roleChangedAt");
CREATE INDEX "User_deletionDueAt_idx" ON "User"("deletionDueAt");
