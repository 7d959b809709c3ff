import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { scratchDirectory } from '../../support/databases.ts'
import { ROOT } from '../../support/process.ts'
import type { Fleet } from '../machines/fleet.ts'
import type { Fault } from './fault.ts'
import { restartAll } from './servers.ts'

const MIGRATION = '99990101000000_fleet'
const STATEMENTS = 'ALTER TABLE `Note` ADD COLUMN `fleet` VARCHAR(20) NULL;\n'

/** The last one that runs the command line: it is of the version before. */
export const migration: Fault = {
  name: 'migration',
  what: 'a new version with a migration is rolled out, server by server',
  isInShort: true,
  async begin(fleet) {
    const program = nextVersion(fleet)
    await restartAll(fleet, (server) => {
      server.program = [program]
    })
  },
}

/** A copy of this version with one migration more. @returns its program, seen from the root */
function nextVersion({ life }: Fleet): string {
  const folder = scratchDirectory(life)
  for (const part of ['dist', 'prisma', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const added = join(folder, 'prisma/mysql/migrations', MIGRATION)
  mkdirSync(added)
  writeFileSync(join(added, 'migration.sql'), STATEMENTS)
  return relative(ROOT, join(folder, 'dist/main.js'))
}
