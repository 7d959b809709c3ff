import { audit } from './commands/audit.ts'
import { backup } from './commands/backup.ts'
import { copyFrom } from './commands/copy-from.ts'
import { devServer } from './commands/dev-server.ts'
import { keys } from './commands/keys.ts'
import { calibrate, doctor, migrate, serve } from './commands/machine.ts'
import { mail } from './commands/mail.ts'
import { user } from './commands/user.ts'
import type { Group, Word } from './word.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly (Group | Word)[] = [
  ...[serve, migrate, user, audit, keys, mail],
  ...[doctor, calibrate, backup, copyFrom, devServer],
]
