-- AlterTable
ALTER TABLE `AuditEvent` ADD COLUMN `actorId` CHAR(36) NULL,
    ADD COLUMN `requestId` VARCHAR(40) NULL,
    ADD COLUMN `origin` CHAR(43) NULL,
    ADD COLUMN `originSalt` CHAR(22) NULL,
    ADD COLUMN `day` INTEGER NULL,
    ADD COLUMN `seq` INTEGER NULL,
    ADD COLUMN `hash` CHAR(43) NULL;

-- CreateTable
CREATE TABLE `AuditDay` (
    `day` INTEGER NOT NULL,
    `count` INTEGER NOT NULL,
    `previous` CHAR(43) NOT NULL,
    `head` CHAR(43) NOT NULL,
    `state` VARCHAR(8) NOT NULL,
    `seal` VARCHAR(64) NOT NULL,

    INDEX `AuditDay_state_day_idx`(`state`, `day`),
    PRIMARY KEY (`day`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateIndex
CREATE UNIQUE INDEX `AuditEvent_day_seq_key` ON `AuditEvent`(`day`, `seq`);

-- CreateIndex
CREATE INDEX `AuditEvent_userId_id_idx` ON `AuditEvent`(`userId`, `id`);

-- DropIndex
DROP INDEX `AuditEvent_userId_at_idx` ON `AuditEvent`;

-- DropIndex
DROP INDEX `AuditEvent_at_idx` ON `AuditEvent`;

-- CreateIndex
CREATE INDEX `AuditEvent_actorId_id_idx` ON `AuditEvent`(`actorId`, `id`);

-- CreateIndex
CREATE INDEX `AuditEvent_type_id_idx` ON `AuditEvent`(`type`, `id`);
