-- AlterTable
ALTER TABLE `Session`
    ADD COLUMN `lowestLiving` INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN `seenGeneration` INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN `renewedAt` DATETIME(3) NULL,
    ADD INDEX `Session_renewedAt_id_idx`(`renewedAt`, `id`);
