import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  isConflict,
  isUnavailable,
  isUniqueViolation,
} from '../../src/platform/database/database.ts'
import { aSession, aUser, openAt, openFreshDatabase } from '../support/databases.ts'

describe('the database', () => {
  it('rotates a session by one UPDATE without a transaction, and counts by its condition', async (t) => {
    const queries: string[] = []
    const { client } = await openFreshDatabase(t, (sql) => queries.push(sql))
    const user = await client.user.create({ data: aUser() })
    const { id } = await client.session.create({ data: aSession(user.id) })
    const where = { id, generation: 1, revokedAt: null, expiresAt: { gt: new Date() } }
    queries.length = 0

    const first = await client.session.updateMany({ where, data: { generation: { increment: 1 } } })
    const again = await client.session.updateMany({ where, data: { generation: { increment: 1 } } })

    assert.deepEqual([first.count, again.count], [1, 0])
    assert.deepEqual(
      queries.map((sql) => sql.slice(0, 6)),
      ['UPDATE', 'UPDATE'],
    )
  })

  it('counts rows that an UPDATE found, also those that it left as they were', async (t) => {
    const { client } = await openFreshDatabase(t)
    const user = await client.user.create({ data: aUser() })

    const { count } = await client.user.updateMany({
      where: { id: user.id },
      data: { role: 'user' },
    })

    assert.equal(count, 1)
  })

  it('stores the dates of a raw INSERT … SELECT as those of the models, to the millisecond', async (t) => {
    const { client } = await openFreshDatabase(t)
    const user = await client.user.create({ data: aUser() })
    const wanted = aSession(user.id)
    const { rotatedAt, createdAt, expiresAt, endsAt, authTime, transport, amr } = wanted
    const insert = (version: number) => client.$executeRaw`
      INSERT INTO \`Session\` (\`id\`, \`userId\`, \`rotatedAt\`, \`createdAt\`, \`expiresAt\`, \`endsAt\`,
        \`authTime\`, \`transport\`, \`amr\`, \`ip\`)
      SELECT ${wanted.id}, \`id\`, ${rotatedAt}, ${createdAt}, ${expiresAt}, ${endsAt},
        ${authTime}, ${transport}, ${amr}, ${null}
      FROM \`User\` WHERE \`id\` = ${user.id} AND \`credentialVersion\` = ${version}`

    const refused = await insert(2)
    const accepted = await insert(1)

    assert.deepEqual([refused, accepted], [0, 1])
    const byModel = { ...wanted, id: randomUUID() }
    await client.session.create({ data: byModel })
    const rows = await client.session.findMany({
      where: { expiresAt: { gte: expiresAt, lte: expiresAt } },
      omit: { id: true },
    })
    assert.equal(rows.length, 2)
    assert.deepEqual(rows[0], rows[1])
    assert.deepEqual([rows[0]?.rotatedAt, rows[0]?.expiresAt], [rotatedAt, expiresAt])
  })

  it('returns the same instants in another time zone', async (t) => {
    const { client } = await openFreshDatabase(t)
    const zone = process.env.TZ
    t.after(() => {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    })
    process.env.TZ = 'Pacific/Auckland'
    const data = { ...aUser(), createdAt: new Date('2026-03-29T01:30:00.123Z') }
    await client.user.create({ data })

    process.env.TZ = 'America/New_York'
    const found = await client.user.findFirst({ where: { createdAt: data.createdAt } })

    assert.deepEqual(found?.createdAt, data.createdAt)
  })

  it('tells names apart byte by byte, by case, accents and trailing spaces', async (t) => {
    const { client } = await openFreshDatabase(t)
    const names = ['bob', 'bob ', 'Bob', 'böb', 'bo\u0308b', 'straße', 'strasse', '🙂', '😡']

    for (const usernameKey of names) await client.user.create({ data: { ...aUser(), usernameKey } })

    const found = await client.user.findMany({ where: { usernameKey: 'bob' } })
    assert.deepEqual(
      found.map(({ usernameKey }) => usernameKey),
      ['bob'],
    )
  })

  it('names the field of a unique violation, by model and by raw statement', async (t) => {
    const { client } = await openFreshDatabase(t)
    const user = await client.user.create({ data: aUser() })
    const { id } = await client.session.create({ data: aSession(user.id) })

    const byModel = await client.user
      .create({ data: { ...aUser(), usernameKey: user.usernameKey } })
      .catch((error) => error)
    const byRaw =
      await client.$executeRaw`INSERT INTO \`Session\` SELECT * FROM \`Session\` WHERE \`id\` = ${id}`.catch(
        (error) => error,
      )

    const fields = ['usernameKey', 'emailKey', 'id', undefined]
    assert.deepEqual(
      fields.map((field) => isUniqueViolation(byModel, field)),
      [true, false, false, true],
    )
    assert.deepEqual(
      fields.map((field) => isUniqueViolation(byRaw, field)),
      [false, false, true, true],
    )
    assert.deepEqual([isUnavailable(byModel), isConflict(byModel)], [false, false])
  })

  it('refuses undefined as a condition, which would match every row', async (t) => {
    const { client } = await openFreshDatabase(t)
    const condition = JSON.parse('{}') as { id: string }

    const attempt = client.user.findFirst({ where: { id: condition.id } })

    await assert.rejects(attempt, { name: 'PrismaClientValidationError' })
  })

  it('undoes a transaction whose function throws, and shows nothing of it before', async (t) => {
    const { client } = await openFreshDatabase(t)
    let seen: number | undefined

    const attempt = client.$transaction(async (tx) => {
      await tx.user.create({ data: aUser() })
      seen = await client.user.count()
      throw new Error('changed my mind')
    })

    await assert.rejects(attempt, { message: 'changed my mind' })
    assert.deepEqual([seen, await client.user.count()], [0, 0])
  })

  it('rolls back a transaction that takes too long, and frees its locks', async (t) => {
    const { client } = await openFreshDatabase(t)
    const user = await client.user.create({ data: aUser() })
    const where = { id: user.id }

    const slow = client.$transaction(
      async (tx) => {
        await tx.user.updateMany({ where, data: { name: 'slow' } })
        await sleep(600)
        await tx.user.updateMany({ where, data: { name: 'slower' } })
      },
      { timeout: 200 },
    )
    const refused = slow.catch((error) => error)
    await client.user.updateMany({ where, data: { email: 'quick@example.com' } })

    assert.equal(isUnavailable(await refused), true)
    const { name, email } = await client.user.findUniqueOrThrow({ where })
    assert.deepEqual([name, email], [null, 'quick@example.com'])
  })

  it('answers a ping until it is closed, and stays closed', async (t) => {
    const database = await openFreshDatabase(t)

    await database.ping()
    await database.close()

    const late = await database.client.user.count().catch((error) => error)
    assert.equal(isUnavailable(late), true)
  })

  it('refuses an URL of neither kind, with the kinds that there are', async () => {
    await assert.rejects(openAt('postgres://localhost/x'), {
      message:
        'it must begin with file: (SQLite) or mysql:// (MySQL, MariaDB), such as file:./data/latchkey.db',
    })
  })
})
