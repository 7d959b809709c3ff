// Lists of accounts and the search in them: order, filters, pages while accounts come and go, texts
// that mean something elsewhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUserList } from '../../src/features/users/user-list.ts'
import { OPERATOR } from '../../src/platform/actor.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { allUsers, newAccount, usersPage } from '../support/administration.ts'
import { statementsOf } from '../support/answers.ts'
import { signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }

const namesOf = (users: readonly { username: string }[]) => users.map(({ username }) => username)

/** Rows behind the back of the server, with names in the order of their ages. */
async function manyUsers({ database, services }: TestServer, count: number, prefix = 'many') {
  const rows = Array.from({ length: count }, (_, at) => {
    const username = `${prefix}-${String(at).padStart(5, '0')}`
    const created = new Date(Date.UTC(2025, 0, 1) + at * 1000)
    const { users } = services
    return users.newUser({ username, email: `${username}@example.org` }, 'none', created)
  })
  for (let at = 0; at < rows.length; at += 1000) {
    await database.client.user.createMany({ data: rows.slice(at, at + 1000) })
  }
  return rows
}

test('GET /admin/users shows each account whole, and nothing that is secret', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  server.clock.advance(1)
  const person = await signedUp(server)

  const { items, nextCursor } = await usersPage(server, admin, { sort: 'createdAt' })

  const at = new Date(server.clock()).toISOString()
  assert.deepEqual(items[1], {
    ...person.user,
    disabledAt: null,
    lockedUntil: null,
    lastSignInAt: at,
    hasPassword: true,
    identities: 0,
    version: 1,
  })
  assert.deepEqual([items.length, nextCursor], [2, null])
  const one = await ask(server, `GET /admin/users/${person.user.id}`, admin)
  assert.deepEqual(one.json(), items[1])
  assert.equal(one.headers.etag, '"1"')
})

test('GET /admin/users sorts by age and by username, in both directions', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  for (const username of ['bea', 'Cid', 'ada']) await newAccount(server, { username })

  const lists: string[][] = []
  for (const sort of ['createdAt', '-createdAt', 'username', '-username']) {
    lists.push(namesOf(await allUsers(server, admin, { sort, size: '2', q: 'a' })))
  }

  const [byAge = [], newest = [], byName = [], backwards = []] = lists
  assert.deepEqual(byAge.filter((name) => name !== admin.username).slice(0, 3), [
    'bea',
    'Cid',
    'ada',
  ])
  assert.deepEqual(newest, [...byAge].reverse())
  assert.deepEqual(byName.slice(0, 3), ['ada', 'bea', 'Cid'])
  assert.deepEqual(backwards, [...byName].reverse())
})

test('a search finds parts of usernames, addresses and names, in any case', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const ada = await newAccount(server, {
    ...{ username: 'Lovelace', email: 'Ada@Example.NET', name: 'Ada Straße' },
  })
  await newAccount(server)

  for (const q of ['lovel', 'VELA', '@example.net', 'DA@EXA', 'straSSE', 'a s', ' Ada Stra ']) {
    assert.deepEqual(namesOf(await allUsers(server, admin, { q })), ['Lovelace'], q)
  }
  for (const q of [ada.id, ada.id.toUpperCase(), 'ada@EXAMPLE.net']) {
    assert.deepEqual(namesOf(await allUsers(server, admin, { q })), ['Lovelace'], q)
  }
  for (const q of ['nowhere', ada.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]) {
    assert.deepEqual(await allUsers(server, admin, { q }), [], q)
  }
})

test('an id or an address is read by an index: one statement, which looks at no other row', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id, email } = await newAccount(server)

  for (const q of [id, email]) {
    const before = statementsOf(server).length
    await usersPage(server, admin, { q })
    const sent = statementsOf(server)
      .slice(before)
      .filter((sql) => sql.includes('FROM User'))
    assert.equal(sent.length, 1, sent.join('\n'))
    assert.ok(!sent[0]?.includes('INSTR'), sent[0])
  }
  const named = await usersPage(server, admin, { q: email, role: 'admin' })
  assert.deepEqual(named.items, [])
})

test('what means something in SQL, LIKE or HTML is a text like any other', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const name = `<img src=x onerror=alert(1)> 100%_'";--`
  await newAccount(server, { username: 'markup', name })
  await newAccount(server, { name: 'plain' })

  for (const q of ['<img src=x', 'onerror=alert(1)', '%_', `'";--`]) {
    const [found, ...others] = await allUsers(server, admin, { q })
    assert.deepEqual([found?.name, others], [name, []], q)
  }
  for (const q of ['%', '_', "' OR '1'='1", '\\', 'plain%', '*']) {
    const found = namesOf(await allUsers(server, admin, { q }))
    assert.deepEqual(found, q === '%' || q === '_' ? ['markup'] : [], q)
  }
})

test('filters by role and status agree with what accounts are', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const [open, closed] = [await newAccount(server), await newAccount(server)]
  const [proven, gone] = [await newAccount(server), await newAccount(server)]
  await operator(server).disable(closed.username)
  await operator(server).verifyEmail(proven.username)
  const closing = { disabledAt: new Date(), deletionDueAt: new Date() }
  await server.database.client.user.update({ where: { id: gone.id }, data: closing })

  const listed = async (query: Record<string, string>) =>
    namesOf(await allUsers(server, admin, { sort: 'createdAt', size: '2', ...query }))

  const [a, o, c, p] = [admin, open, closed, proven].map(({ username }) => username)
  assert.deepEqual(await listed({}), [a, o, c, p])
  assert.deepEqual(await listed({ role: 'admin' }), [a])
  assert.deepEqual(await listed({ role: 'user' }), [o, c, p])
  assert.deepEqual(await listed({ status: 'active' }), [a, o, p])
  assert.deepEqual(await listed({ status: 'disabled' }), [c])
  assert.deepEqual(await listed({ status: 'unverified' }), [a, o])
  assert.deepEqual(await listed({ status: 'disabled', role: 'admin' }), [])
  assert.deepEqual(await listed({ status: 'unverified', role: 'admin', q: String(a) }), [a])
  assertProblem(await ask(server, `GET /admin/users/${gone.id}`, admin), 'not_found', {
    detail: 'There is no such account.',
  })
})

test('an account that is there the whole time is on exactly one page while others come and go', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const rows = await manyUsers(server, 60)
  const gone = new Set<string>()

  for (const sort of ['createdAt', '-createdAt', 'username', '-username']) {
    const left = () => rows.filter(({ id }) => !gone.has(id))
    const expected = new Set(left().map(({ id }) => id))
    const seen = await allUsers(server, admin, { sort, size: '7', q: 'many-' }, async () => {
      const [next] = left()
      assert.ok(next)
      gone.add(next.id)
      expected.delete(next.id)
      await server.services.administration.remove(next.id, OPERATOR)
      await newAccount(server)
    })
    const ids = seen.map(({ id }) => id as string)
    assert.equal(new Set(ids).size, ids.length, `${sort}: twice`)
    for (const id of expected) assert.ok(ids.includes(id), `${sort}: ${id} is missing`)
  }
})

test('a search misses nothing among more accounts than a scan looks at in one go', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  await manyUsers(server, 9_000)
  const expected = Array.from({ length: 9 }, (_, at) => `many-0${at}777`)

  for (const sort of ['createdAt', '-username']) {
    const found = namesOf(await allUsers(server, admin, { q: '777@', sort, size: '4' }))
    assert.deepEqual(found, sort === 'createdAt' ? expected : [...expected].reverse())
  }
  const { total } = await server.services.userCounts.count()
  assert.equal(total, 9_001)
})

test('a search that takes too long is refused with 503 overloaded', async (t) => {
  const server = await startServer(t, { env })
  const { client: db, dialect } = server.database
  const list = createUserList({ db, dialect, scanLimitMs: -1 })

  await assert.rejects(list.after({ q: 'x' }, 'createdAt', { from: undefined, size: 20 }), {
    message: 'The search took too long; search for a whole address or an id.',
  })
})

test('GET /admin/users refuses bad parameters, and a cursor of another list', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  for (let count = 0; count < 3; count++) await newAccount(server)
  const { nextCursor } = await usersPage(server, admin, { size: '1' })
  const refused = (query: Record<string, string>) =>
    ask(server, `GET /admin/users?${new URLSearchParams(query)}`, admin)

  for (const query of [{ q: 'e' }, { sort: 'username' }, { role: 'user' }, { status: 'active' }]) {
    const foreign = { ...query, cursor: String(nextCursor) } as Record<string, string>
    assertFaults(await refused(foreign), ['/cursor invalid_cursor'])
  }
  assertFaults(await refused({ cursor: `${nextCursor}x` }), ['/cursor invalid_cursor'])
  const bad = { sort: 'email', role: 'root', status: 'gone', size: '0', q: 'a\u0000', more: '1' }
  const issues = (await refused(bad)).json<{ errors: { pointer: string }[] }>().errors
  const pointers = issues.map(({ pointer }) => pointer).sort()
  assert.deepEqual(
    pointers,
    Object.keys(bad)
      .map((name) => `/${name}`)
      .sort(),
  )
  assert.equal((await refused({ q: 'x'.repeat(255) })).statusCode, 400)
})

test('GET /admin/users/:id of nobody is 404', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const nobody = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42' as UserId

  const detail = 'There is no such account.'
  assertProblem(await ask(server, `GET /admin/users/${nobody}`, admin), 'not_found', { detail })
  assertProblem(await ask(server, 'GET /admin/users/x', admin), 'not_found')
})
