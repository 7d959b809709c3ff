-- AlterTable
ALTER TABLE "User" ADD COLUMN "photoBytes" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "Photo" ADD COLUMN "ownerId" TEXT;

-- What is there already counts, too.
UPDATE "Photo" SET "ownerId" = (SELECT "ownerId" FROM "House" WHERE "House"."id" = "Photo"."houseId");
UPDATE "User" SET "photoBytes" = "Owned"."bytes"
FROM (SELECT "ownerId", SUM("bytes") AS "bytes" FROM "Photo" WHERE "ownerId" IS NOT NULL GROUP BY "ownerId") AS "Owned"
WHERE "Owned"."ownerId" = "User"."id";
