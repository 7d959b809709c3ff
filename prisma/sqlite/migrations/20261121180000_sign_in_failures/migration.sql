-- CreateTable
CREATE TABLE "SignInFailures" (
    "subject" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "lockedUntil" DATETIME,
    "expiresAt" DATETIME NOT NULL,

    PRIMARY KEY ("subject", "device")
);

-- CreateIndex
CREATE INDEX "SignInFailures_expiresAt_idx" ON "SignInFailures"("expiresAt");
