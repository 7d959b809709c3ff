// Derives prisma/mysql-without-foreign-keys from prisma/mysql: for engines that have no foreign
// keys, such as Vitess. The text of a migration decides its checksum in the ledger of a database, so
// a change of this derivation would be refused there: test/database/foreign-keys.test.ts holds it.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PRISMA = fileURLToPath(new URL('../prisma', import.meta.url))
const SOURCE = join(PRISMA, 'mysql/migrations')
const TARGET = join(PRISMA, 'mysql-without-foreign-keys')

/** A whole statement from the start of a line, with the comment of Prisma above it. */
const STATEMENT =
  /(?:^-- (?:Add|Drop)ForeignKey\n)?^ALTER TABLE `\w+` (?:ADD CONSTRAINT `\w+` FOREIGN KEY [^;]*|DROP FOREIGN KEY `\w+`);\n+/gim

/** For what would be left empty: MySQL refuses a text without a statement. */
const NOTHING_LEFT = '-- Only about foreign keys.\nSELECT 1;\n'

/**
 * A migration without its statements about foreign keys.
 * @throws Error for one that it cannot take out whole
 */
export function withoutForeignKeys(sql) {
  const left = `${sql.replaceAll('\r\n', '\n').replace(STATEMENT, '').trimEnd()}\n`
  const statements = left.replace(/^\s*--.*$/gm, '').trim()
  if (/\bFOREIGN\s+KEY\b|\bREFERENCES\b/i.test(statements)) {
    throw new Error(
      'Write each foreign key as a statement of its own: ALTER TABLE `A` ADD CONSTRAINT `A_b_fkey` FOREIGN KEY …; or ALTER TABLE `A` DROP FOREIGN KEY `A_b_fkey`;',
    )
  }
  return statements === '' ? NOTHING_LEFT : left
}

/** The same schema; Prisma's name for databases without foreign keys is `relationMode`. */
function schemaWithout(schema) {
  return schema
    .replace(/^\/\/ Derived[^\n]*\n/, '// Derived by scripts/without-foreign-keys.mjs.\n')
    .replace(/^generator \w+ \{\n.*?^\}\n\n/gms, '')
    .replace('provider = "mysql"', 'provider     = "mysql"\n  relationMode = "prisma"')
}

/** Writes what is not current. @param schema the one for MySQL @returns whether anything was */
export async function deriveWithoutForeignKeys(schema) {
  const wanted = await derivedFiles(schema)
  const names = await readdir(TARGET, { recursive: true, withFileTypes: true }).catch(() => [])
  const present = names.filter((entry) => entry.isFile()).length
  const texts = await Promise.all([...wanted.keys()].map((name) => readOr(join(TARGET, name))))
  const isCurrent = [...wanted.values()].every((text, index) => text === texts[index])
  if (isCurrent && present === wanted.size) return false
  await rm(TARGET, { recursive: true, force: true })
  for (const [name, text] of wanted) {
    await mkdir(dirname(join(TARGET, name)), { recursive: true })
    await writeFile(join(TARGET, name), text)
  }
  return true
}

async function derivedFiles(schema) {
  const lock = 'migrations/migration_lock.toml'
  const files = new Map([
    ['schema.prisma', schemaWithout(schema)],
    [lock, await readFile(join(PRISMA, 'mysql', lock), 'utf8')],
  ])
  const entries = await readdir(SOURCE, { withFileTypes: true })
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const path = `${name}/migration.sql`
    const sql = await readFile(join(SOURCE, path), 'utf8')
    files.set(`migrations/${path}`, withoutForeignKeys(sql))
  }
  return files
}

const readOr = (path) => readFile(path, 'utf8').catch(() => undefined)
