-- AlterTable
ALTER TABLE `User`
    ADD COLUMN `houseCount` INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN `keyDay` INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN `keyCount` INTEGER NOT NULL DEFAULT 0;

-- Whoever has more houses than the bound allows keeps them.
UPDATE `User` SET `houseCount` = (SELECT COUNT(*) FROM `House` WHERE `House`.`ownerId` = `User`.`id`);
