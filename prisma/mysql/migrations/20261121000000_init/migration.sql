-- Texts are compared byte by byte, trailing spaces included, as SQLite does: utf8mb4_0900_bin on
-- MySQL, utf8mb4_nopad_bin on MariaDB. Each server skips the comment that is meant for the other.

-- CreateTable
CREATE TABLE `User` (
    `id` CHAR(36) NOT NULL,
    `username` VARCHAR(32) NOT NULL,
    `usernameKey` VARCHAR(32) NOT NULL,
    `email` VARCHAR(254) NOT NULL,
    `emailKey` VARCHAR(254) NOT NULL,
    `emailVerified` BOOLEAN NOT NULL DEFAULT false,
    `name` VARCHAR(100) NULL,
    `role` VARCHAR(16) NOT NULL DEFAULT 'user',
    `roleChangedAt` DATETIME(3) NULL,
    `passwordHash` VARCHAR(255) NOT NULL,
    `credentialVersion` INTEGER NOT NULL DEFAULT 1,
    `disabledAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `User_usernameKey_key`(`usernameKey`),
    UNIQUE INDEX `User_emailKey_key`(`emailKey`),
    INDEX `User_roleChangedAt_idx`(`roleChangedAt`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateTable
CREATE TABLE `Session` (
    `id` CHAR(36) NOT NULL,
    `userId` CHAR(36) NULL,
    `generation` INTEGER NOT NULL DEFAULT 1,
    `rotatedAt` DATETIME(3) NOT NULL,
    `rotationKeyHash` CHAR(64) NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `endsAt` DATETIME(3) NOT NULL,
    `revokedAt` DATETIME(3) NULL,
    `revokedReason` VARCHAR(32) NULL,
    `transport` VARCHAR(8) NOT NULL,
    `authTime` DATETIME(3) NOT NULL,
    `amr` VARCHAR(64) NOT NULL,
    `ip` VARCHAR(45) NULL,
    `userAgent` VARCHAR(255) NULL,

    INDEX `Session_userId_createdAt_idx`(`userId`, `createdAt`),
    INDEX `Session_revokedAt_id_idx`(`revokedAt`, `id`),
    INDEX `Session_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateTable
CREATE TABLE `SigningKey` (
    `id` CHAR(36) NOT NULL,
    `sequence` INTEGER NOT NULL,
    `algorithm` VARCHAR(16) NOT NULL,
    `encryptedKey` VARCHAR(1000) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `signsFrom` DATETIME(3) NOT NULL,

    UNIQUE INDEX `SigningKey_sequence_key`(`sequence`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateTable
CREATE TABLE `AuditEvent` (
    `id` CHAR(36) NOT NULL,
    `at` DATETIME(3) NOT NULL,
    `type` VARCHAR(40) NOT NULL,
    `userId` CHAR(36) NULL,
    `sessionId` CHAR(36) NULL,
    `ip` VARCHAR(45) NULL,
    `userAgent` VARCHAR(255) NULL,
    `detail` VARCHAR(255) NULL,

    INDEX `AuditEvent_at_idx`(`at`),
    INDEX `AuditEvent_userId_at_idx`(`userId`, `at`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- CreateTable
CREATE TABLE `House` (
    `id` CHAR(36) NOT NULL,
    `projectNo` VARCHAR(128) NOT NULL,
    `projectName` VARCHAR(256) NOT NULL,
    `projectAddress` VARCHAR(256) NULL,
    `ownerId` CHAR(36) NOT NULL,
    `version` INTEGER NOT NULL DEFAULT 1,
    `createdAt` DATETIME(3) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `House_projectNo_key`(`projectNo`),
    INDEX `House_ownerId_idx`(`ownerId`),
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */;

-- AddForeignKey
ALTER TABLE `Session` ADD CONSTRAINT `Session_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `House` ADD CONSTRAINT `House_ownerId_fkey` FOREIGN KEY (`ownerId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
