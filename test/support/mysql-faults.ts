/** What a migration may get wrong: a fault, the SQL that plants it, and the SQL that mends it. */
export const MYSQL_FAULTS = [
  [
    'a missing column',
    'ALTER TABLE `User` DROP COLUMN `name`',
    'ALTER TABLE `User` ADD COLUMN `name` VARCHAR(100) NULL;',
  ],
  [
    'a column too many',
    'ALTER TABLE `User` ADD COLUMN `nick` INTEGER',
    'ALTER TABLE `User` DROP COLUMN `nick`;',
  ],
  [
    'a wrong length',
    'ALTER TABLE `AuditEvent` MODIFY COLUMN `type` VARCHAR(400) NOT NULL',
    'ALTER TABLE `AuditEvent` MODIFY COLUMN `type` VARCHAR(40) NOT NULL;',
  ],
  [
    'a wrong type',
    'ALTER TABLE `User` MODIFY COLUMN `photoBytes` INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE `User` MODIFY COLUMN `photoBytes` BIGINT NOT NULL DEFAULT 0;',
  ],
  [
    'a missing default',
    'ALTER TABLE `User` MODIFY COLUMN `role` VARCHAR(16) NOT NULL',
    "ALTER TABLE `User` MODIFY COLUMN `role` VARCHAR(16) NOT NULL DEFAULT 'user';",
  ],
  [
    'a column that is nullable by mistake',
    'ALTER TABLE `Session` MODIFY COLUMN `endsAt` DATETIME(3) NULL',
    'ALTER TABLE `Session` MODIFY COLUMN `endsAt` DATETIME(3) NOT NULL;',
  ],
  [
    'a missing index',
    'ALTER TABLE `Session` DROP INDEX `Session_expiresAt_idx`',
    'ALTER TABLE `Session` ADD INDEX `Session_expiresAt_idx`(`expiresAt`);',
  ],
  [
    'an index whose columns are swapped',
    'ALTER TABLE `Session` DROP INDEX `Session_revokedAt_id_idx`, ADD INDEX `Session_revokedAt_id_idx`(`id`, `revokedAt`)',
    'ALTER TABLE `Session` DROP INDEX `Session_revokedAt_id_idx`,\n    ADD INDEX `Session_revokedAt_id_idx`(`revokedAt`, `id`);',
  ],
  [
    'an index that is not unique',
    'ALTER TABLE `User` DROP INDEX `User_emailKey_key`, ADD INDEX `User_emailKey_key`(`emailKey`)',
    'ALTER TABLE `User` DROP INDEX `User_emailKey_key`,\n    ADD UNIQUE INDEX `User_emailKey_key`(`emailKey`);',
  ],
  [
    'a wrong primary key',
    'ALTER TABLE `SignInFailures` DROP PRIMARY KEY, ADD PRIMARY KEY (`subject`)',
    'ALTER TABLE `SignInFailures` DROP PRIMARY KEY,\n    ADD PRIMARY KEY (`subject`, `device`);',
  ],
  [
    'the wrong collation of a column',
    'ALTER TABLE `User` MODIFY COLUMN `name` VARCHAR(100) COLLATE utf8mb4_general_ci',
    'ALTER TABLE `User` MODIFY COLUMN `name` VARCHAR(100) NULL;',
  ],
  [
    'the wrong collation of new columns',
    'ALTER TABLE `AuditEvent` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    'ALTER TABLE `AuditEvent` ENGINE = InnoDB,\n    CONVERT TO CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;',
  ],
  [
    'a missing foreign key',
    'ALTER TABLE `Photo` DROP FOREIGN KEY `Photo_houseId_fkey`',
    'ALTER TABLE `Photo` ADD CONSTRAINT `Photo_houseId_fkey` FOREIGN KEY (`houseId`) REFERENCES `House`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;',
  ],
  [
    'a foreign key with another rule',
    'ALTER TABLE `House` DROP FOREIGN KEY `House_ownerId_fkey`; ALTER TABLE `House` ADD CONSTRAINT `House_ownerId_fkey` FOREIGN KEY (`ownerId`) REFERENCES `User`(`id`)',
    'ALTER TABLE `House` DROP FOREIGN KEY `House_ownerId_fkey`;\n\nALTER TABLE `House` ADD CONSTRAINT `House_ownerId_fkey` FOREIGN KEY (`ownerId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;',
  ],
  ['a table too many', 'CREATE TABLE `Old` (`id` INTEGER)', 'DROP TABLE `Old`;'],
] as const
