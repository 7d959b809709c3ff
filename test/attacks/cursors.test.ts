import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import {
  ask,
  assertBadCursor,
  builtAll,
  cursorOf,
  cursorPageOf,
  type Query,
  SORTS,
} from '../support/house-rows.ts'
import { sharedServer } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'

const shared = sharedServer()
const A_TO_E = ['a', 'b', 'c', 'd', 'e'].map((projectName) => ({ projectName }))

test('a cursor is refused with any one of its characters changed, dropped or added', async () => {
  const server = await shared()
  const person = await signedUp(server)
  await builtAll(server, person, A_TO_E)
  const cursor = await cursorOf(server, person, { sort: 'projectName' })
  const refuse = (text: string) =>
    assertBadCursor(server, person, { sort: 'projectName', cursor: text })
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

  for (let index = 0; index < cursor.length; index++) {
    const place = alphabet.indexOf(cursor.charAt(index))
    // The neighbour differs in the lowest bit, which the last character of Base64 may not use.
    const changed = [alphabet.charAt(place ^ 1), alphabet.charAt(place ^ 32)]
    for (const character of changed) {
      await refuse(`${cursor.slice(0, index)}${character}${cursor.slice(index + 1)}`)
    }
    if (index > 0) await refuse(cursor.slice(0, index))
    await refuse(`${cursor.slice(0, index)}${cursor.slice(index + 1)}`)
  }
  for (const last of alphabet.replace(cursor.slice(-1), ''))
    await refuse(cursor.slice(0, -1) + last)
  for (const tail of ['A', '=', '==', '.', ' ', '%', 'é', cursor, `.${cursor}`, '!', '/', '+']) {
    await refuse(`${cursor}${tail}`)
    await refuse(`${tail}${cursor}`)
  }
  await refuse(cursor.toLowerCase())
  await refuse(cursor.toUpperCase())
  assert.equal((await ask(server, person, { sort: 'projectName', cursor })).statusCode, 200)
})

test('a forged cursor is refused', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const [row] = await builtAll(server, person, A_TO_E)
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const made = [
    ...['0', '1', 'null', 'undefined', 'true', '[]', '{}', '-1', 'next', '""', 'A', 'AA', 'AAAA'],
    ...["' OR 1=1 --", "'; DROP TABLE House; --", '1 UNION SELECT * FROM User', '") OR ("1"="1'],
    ...[String(row?.id), base64(row?.id), base64({ id: row?.id }), base64([row?.id])],
    ...[base64({ id: { gt: '' } }), base64({ where: {} }), base64(null), base64(''), base64('{}')],
    ...[
      base64({ id: row?.id, sort: '-createdAt', createdAt: row?.createdAt, user: person.user.id }),
    ],
    ...[
      'a.b.c',
      '...',
      '.',
      '../../etc/passwd',
      '中文',
      '\u{1F600}',
      person.access_token.slice(0, 900),
    ],
    ...[
      'A'.repeat(1900),
      'x'.repeat(33),
      '__proto__',
      'constructor',
      '%00',
      '%',
      '\u2028',
      ' ',
      '+',
    ],
  ]

  for (const cursor of made) await assertBadCursor(server, person, { cursor })
  for (const control of ['%00', 'a%0ab', '%7f']) {
    const response = await ask(server, person, `cursor=${control}`)
    const { errors } = response.json<{
      errors: { pointer: string; code: string; detail: string }[]
    }>()
    assertProblem(response, 'validation_failed', { errors })
    assert.deepEqual([...new Set(errors.map(({ pointer }) => pointer))], ['/cursor'])
  }
  const endless = await ask(server, person, { cursor: 'A'.repeat(10_000) })
  assert.ok([400, 414].includes(endless.statusCode), endless.body)
})

test('a cursor is refused for another sort, filter or owner, and for another user', async () => {
  const server = await shared()
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const own = { projectName: 'HOUSE', projectAddress: 'street' }
  await builtAll(server, person, [own, own, own])
  const query = { sort: 'projectName', projectName: 'ous', ownerId: person.user.id }
  const cursor = await cursorOf(server, person, query)
  const bare = await cursorOf(server, person)

  const others: Query[] = [
    ...SORTS.filter((sort) => sort !== 'projectName').map((sort) => ({ ...query, sort })),
    { projectName: 'ous', ownerId: person.user.id },
    { sort: 'projectName', ownerId: person.user.id },
    { ...query, projectName: '' },
    { ...query, projectName: 'ouse' },
    { ...query, projectNo: 'o' },
    { ...query, projectAddress: 'street' },
    { ...query, q: 'ous' },
    { sort: 'projectName', q: 'ous', ownerId: person.user.id },
    { sort: 'projectName', projectNo: 'ous', ownerId: person.user.id },
    { sort: 'projectName', projectAddress: 'ous', ownerId: person.user.id },
    { ...query, ownerId: stranger.user.id },
    { ...query, ownerId: '' },
    { sort: 'projectName', projectName: 'ous' },
    {},
  ]
  for (const other of others) await assertBadCursor(server, person, { ...other, cursor })
  for (const other of [query, { q: 'ous' }, { sort: 'createdAt' }, { ownerId: person.user.id }]) {
    await assertBadCursor(server, person, { ...other, cursor: bare })
  }
  await assertBadCursor(server, stranger, { ...query, cursor })
  await assertBadCursor(server, stranger, { cursor: bare })

  assert.equal((await cursorPageOf(server, person, { ...query, cursor })).items.length, 2)
  assert.equal((await ask(server, person, { cursor: bare })).statusCode, 200)
})

test('two filters that read the same one after the other have different cursors', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const glues = ['|', ',', ':', '"', '&', '=', ';', '/', ' ', '\\']
  const text = glues.map((glue) => `a${glue}b`).join('')
  const wish = { projectName: text, projectAddress: text }
  await builtAll(server, person, [wish, wish, wish])

  for (const glue of glues) {
    const cursor = await cursorOf(server, person, { projectName: `a${glue}b`, projectAddress: 'a' })
    const shifted = { projectName: 'a', projectAddress: `b${glue}a` }
    const joined = { projectName: `a${glue}b${glue}a` }
    for (const other of [shifted, joined, { projectName: 'a', projectAddress: `a${glue}b` }]) {
      await assertBadCursor(server, person, { ...other, cursor })
    }
  }
})

test('a cursor of another server is refused', async (t) => {
  const here = await shared()
  const there = await startServer(t, {
    masterSecrets: [Buffer.from('another-master-secret-0123456789-abcdefghij')],
  })
  const [person, twin] = [await signedUp(here), await signedUp(there)]
  await builtAll(here, person, A_TO_E)
  await builtAll(there, twin, A_TO_E)

  await assertBadCursor(here, person, { cursor: await cursorOf(there, twin) })

  assert.equal((await ask(here, person, { cursor: await cursorOf(here, person) })).statusCode, 200)
})
