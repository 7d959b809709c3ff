-- AlterTable
ALTER TABLE `User` ADD COLUMN `photoBytes` BIGINT NOT NULL DEFAULT 0;
ALTER TABLE `Photo` ADD COLUMN `ownerId` CHAR(36) NULL;

-- What is there already counts, too.
UPDATE `Photo` JOIN `House` ON `House`.`id` = `Photo`.`houseId` SET `Photo`.`ownerId` = `House`.`ownerId`;
UPDATE `User` JOIN (
    SELECT `ownerId`, SUM(`bytes`) AS `bytes` FROM `Photo` WHERE `ownerId` IS NOT NULL GROUP BY `ownerId`
) AS `Owned` ON `Owned`.`ownerId` = `User`.`id` SET `User`.`photoBytes` = `Owned`.`bytes`;
