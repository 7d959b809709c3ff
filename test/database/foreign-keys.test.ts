// The program does not rely on foreign keys, and MySQL does without them where FOREIGN_KEYS=off.
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withoutForeignKeys } from '../../scripts/without-foreign-keys.mjs'
import { databaseUrl } from '../../src/config/database-url.ts'
import { migrateMysql } from '../../src/platform/database/mysql/migrate.ts'
import { statementsIn } from '../../src/platform/database/mysql/migration-steps.ts'
import { emptyDatabase, isMysql, queryMysql } from '../support/databases.ts'
import { PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { aHouse, ask, newHouse } from '../support/houses.ts'
import { aNote, newNote } from '../support/notes.ts'
import { NO_ORPHANS, orphansIn } from '../support/orphans.ts'
import { newPhoto, upload } from '../support/photo-scene.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { beside } from '../support/races.ts'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/mysql/migrations/', import.meta.url))
const QUIET = { LOG_LEVEL: 'fatal', RATE_LIMITS: 'off' }
const ROUNDS = 8

test('a migration without foreign keys keeps all other statements, and its name when none is left', () => {
  const table = '-- CreateTable\nCREATE TABLE `A` (`id` INTEGER);\n'
  const added =
    '-- AddForeignKey\nALTER TABLE `A` ADD CONSTRAINT `A_b_fkey` FOREIGN KEY (`b`) REFERENCES `B`(`id`);\n'
  const dropped = '-- DropForeignKey\nALTER TABLE `A` DROP FOREIGN KEY `A_b_fkey`;\n'
  const index = '-- DropIndex\nDROP INDEX `A_b_idx` ON `A`;\n'

  assert.equal(withoutForeignKeys(table), table)
  assert.equal(withoutForeignKeys(`${table}\n${added}`), table)
  assert.equal(withoutForeignKeys(`${dropped}\n${index}\n${added}`), index)
  assert.equal(withoutForeignKeys(added.replaceAll('\n', '\r\n')), withoutForeignKeys(added))
  assert.deepEqual(statementsIn(withoutForeignKeys(added)).length, 1)
  assert.throws(
    () => withoutForeignKeys('CREATE TABLE `A` (`b` INTEGER REFERENCES `B`(`id`));'),
    /Write each foreign key as a statement of its own/,
  )
})

test('what is derived from released migrations stays as it is, as the ledgers have it', () => {
  const released = readdirSync(MIGRATIONS).filter((name) => name <= '20261203090000_locale')
  const hash = createHash('sha256')
  for (const name of released.sort()) {
    hash.update(withoutForeignKeys(readFileSync(`${MIGRATIONS}${name}/migration.sql`, 'utf8')))
  }

  assert.equal(
    hash.digest('hex'),
    'e42c507a8316ebfd43ee5ed3d07cb0771dca8118dfd542703b19aa4048f24343',
  )
})

if (isMysql) {
  describe('MySQL without foreign keys', () => {
    it('has the same tables, columns and indexes', async (t) => {
      const [plain, bare] = [await emptyDatabase(t), await emptyDatabase(t)]
      await migrate(plain, true)
      await migrate(bare, false)

      assert.deepEqual(await tablesOf(bare), await tablesOf(plain))
      assert.equal((await foreignKeysOf(plain)).length, Object.keys(NO_ORPHANS).length)
      assert.deepEqual(await foreignKeysOf(bare), [])
    })

    it('has an index for each column that had a foreign key', async (t) => {
      const url = await emptyDatabase(t)
      await migrate(url, true)
      const keys = await foreignKeysOf(url)
      const indexes = await queryMysql(
        url,
        'SELECT table_name t, column_name c FROM information_schema.statistics WHERE table_schema = DATABASE() AND seq_in_index = 1 AND index_name NOT LIKE "%\\_fkey"',
      )

      const indexed = new Set(indexes.map((row) => `${row.t}.${row.c}`))
      assert.deepEqual(
        keys.filter((key) => !indexed.has(key)),
        [],
      )
    })

    for (const hasForeignKeys of [true, false]) {
      const [made, asked] = hasForeignKeys ? ['with', 'off'] : ['without', 'on']
      it(`refuses FOREIGN_KEYS=${asked} for tables made ${made} them`, async (t) => {
        const url = await emptyDatabase(t)
        await migrate(url, hasForeignKeys)
        const before = await tablesOf(url)

        for (const MIGRATE of ['on', 'off']) {
          const env = { ...QUIET, MIGRATE, FOREIGN_KEYS: asked }
          const is = hasForeignKeys ? 'on' : 'off'
          await assert.rejects(startServer(t, { url, env }), {
            message: `FOREIGN_KEYS: the tables of this database were made ${made} foreign keys; write FOREIGN_KEYS=${is}. To change it, copy the rows into a new database.`,
          })
        }
        assert.deepEqual(await tablesOf(url), before)
      })
    }
  })
}

test('without foreign keys a deleted account leaves no orphan in any table', async (t) => {
  const server = await withoutKeys(t)
  const [person, other] = [await withEverything(server), await withEverything(server)]
  const deleted = await ask(server, `DELETE /houses/${other.house.id}`, other.person)

  const gone = await remove(server, person.person)

  assert.deepEqual([deleted.statusCode, gone.statusCode], [204, 204])
  assert.deepEqual(await orphansIn(server), NO_ORPHANS)
  const { client } = server.database
  const userId = other.person.user.id
  assert.equal(await client.user.count({ where: { id: person.person.user.id } }), 0)
  assert.equal(await client.factor.count({ where: { userId } }), 1)
  assert.equal(await client.recoveryCode.count(), 2)
  assert.equal(await client.identity.count({ where: { userId } }), 1)
  assert.equal(await client.photo.count(), 0)
})

test('what is added while its account or house is deleted is gone, or was refused', async (t) => {
  const server = await withoutKeys(t)
  const form = formWith(await aPicture())
  const [uploader, seen] = [await signedUp(server), new Set<number>()]

  for (let round = 0; round < ROUNDS; round++) {
    const person = await signedUp(server)
    const keyed = { headers: { 'idempotency-key': `"${randomUUID()}"` } }
    const house = await newHouse(server, uploader)
    const answers = await beside(round, () => remove(server, person), [
      () => ask(server, 'POST /notes', person, { body: aNote(), ...keyed }),
      () => ask(server, 'POST /houses', person, { body: aHouse() }),
      () => ask(server, 'POST /login', person, { body: { ...person, password: PASSWORD } }),
    ])
    const photos = await beside(round, () => ask(server, `DELETE /houses/${house.id}`, uploader), [
      () => upload(server, uploader, house, form),
    ])
    for (const { statusCode } of [...answers, ...photos]) seen.add(statusCode)
  }

  assert.ok(![...seen].some((status) => status >= 500), [...seen].join(' '))
  while (await server.services.deletion.proceed()) {
    // Accounts that the requests left to the job.
  }
  assert.deepEqual(await orphansIn(server), NO_ORPHANS)
})

/** On SQLite the same, with foreign keys. */
async function withoutKeys(t: TestContext): Promise<TestServer> {
  const env: Record<string, string> = isMysql ? { ...QUIET, FOREIGN_KEYS: 'off' } : QUIET
  return startServer(t, { env, url: await emptyDatabase(t) })
}

/** Somebody with rows in every table that names a user, or what a user has. */
async function withEverything(server: TestServer) {
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  await newPhoto(server, person, house)
  await newNote(server, person)
  const { client } = server.database
  const userId = person.user.id
  const createdAt = new Date(server.clock())
  const id = randomUUID()
  const factor = { id, userId, kind: 'recovery', secret: 'x', credentialKey: id, createdAt }
  await client.factor.create({ data: factor })
  await client.recoveryCode.createMany({ data: ['a', 'b'].map((hash) => ({ factorId: id, hash })) })
  const issued = { issuer: 'x', issuerHash: 'x', subject: id, provider: 'x' }
  await client.identity.create({ data: { id: randomUUID(), userId, ...issued, createdAt } })
  const kept = { userId, keyHash: id, requestHash: '-', answer: '{}', createdAt }
  await client.idempotentRequest.create({ data: kept })
  return { person, house }
}

const remove = (server: TestServer, person: Person) =>
  ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })

async function migrate(url: string, foreignKeys: boolean): Promise<void> {
  const address = databaseUrl(url)
  assert.ok(address.kind === 'mysql')
  await migrateMysql(address, { foreignKeys })
}

/** Each column and index, as the server tells them. */
function tablesOf(url: string) {
  return queryMysql(
    url,
    `SELECT table_name t, column_name c, CONCAT_WS(' ', column_type, is_nullable, column_default, collation_name) v, ordinal_position n FROM information_schema.columns WHERE table_schema = DATABASE()
     UNION ALL SELECT table_name, CONCAT(index_name, non_unique), column_name, seq_in_index FROM information_schema.statistics WHERE table_schema = DATABASE()
     ORDER BY 1, 2, 4`,
  )
}

async function foreignKeysOf(url: string): Promise<string[]> {
  const rows = await queryMysql(
    url,
    'SELECT table_name t, column_name c FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL',
  )
  return rows.map((row) => `${row.t}.${row.c}`)
}
