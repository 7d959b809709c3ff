import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries } from '../support/answers.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { ask, assertRefused, newAdmin, sharedServer, tally } from '../support/houses.ts'
import {
  aNote,
  assertNote,
  assertStored,
  countNotes,
  type Note,
  newNote,
} from '../support/notes.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

const theServer = sharedServer()

/** Somebody who has a note of version 1. */
async function withNote() {
  const server = await theServer()
  const person = await signedUp(server)
  const note = await newNote(server, person)
  return { server, person, note, address: `/notes/${note.id}` }
}

test('POST /notes creates a note with version 1, and GET shows it', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const at = new Date(server.clock()).toISOString()

  const made = await ask(server, 'POST /notes', person, { body: aNote() })

  const facts = { ...aNote(), version: 1, createdAt: at, updatedAt: at }
  await assertStored(server, person, assertNote(made, 201, facts))
})

test('a note keeps every character, line breaks and tabs too, up to its bounds', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const texts = {
    title: '"\\🦊'.padEnd(200, '字'),
    body: `\t"\\\r\n\n👩‍👩‍👧 é é ß\u2028${'🦊'.repeat(1_000)}`.padEnd(6_000, '\n'),
    tags: Array.from({ length: 10 }, (_, n) => `${n}"\\`.padEnd(32, '"')),
  }

  const note = await newNote(server, person, texts)
  const longest = await newNote(server, person, { body: '🦊'.repeat(10_000) })

  assert.deepEqual({ title: note.title, body: note.body, tags: note.tags }, texts)
  await assertStored(server, person, note)
  await assertStored(server, person, longest)
})

test('a body and tags that POST or PUT leave out are empty', async () => {
  const { server, person, note, address } = await withNote()
  const bare = { title: 'Bare' }

  const made = await ask(server, 'POST /notes', person, { body: bare })
  const put = await ask(server, `PUT ${address}`, person, { body: bare })

  const { body, tags } = made.json<typeof note>()
  assert.deepEqual({ body, tags }, { body: '', tags: [] })
  assertNote(put, 200, { ...note, ...bare, body: '', tags: [], version: 2 })
})

test('PUT and PATCH change the note, its version and its time; read-only members are ignored', async () => {
  const { server, person, note, address } = await withNote()
  server.clock.advance(5)
  const updatedAt = new Date(server.clock()).toISOString()
  const body = aNote({ title: 'Other', tags: [] })

  const put = await ask(server, `PUT ${address}`, person, { body: { ...note, ...body } })
  const tagged = await ask(server, `PATCH ${address}`, person, { body: { tags: ['a', 'b'] } })
  const nothing = await ask(server, `PATCH ${address}`, person, { body: { version: 9 } })

  const after = { ...note, ...body, updatedAt }
  assertNote(put, 200, { ...after, version: 2 })
  assertNote(tagged, 200, { ...after, tags: ['a', 'b'], version: 3 })
  assertNote(nothing, 200, { ...after, tags: ['a', 'b'], version: 4 })
})

test('DELETE /notes/:id deletes the note', async () => {
  const { server, person, address } = await withNote()

  const removed = await ask(server, `DELETE ${address}`, person)

  assert.deepEqual([removed.statusCode, removed.body], [204, ''])
  assertRefused(await ask(server, `DELETE ${address}`, person), 'not_found')
  assertRefused(await ask(server, `GET ${address}`, person), 'not_found')
  assert.deepEqual(await countNotes(server, person), { rows: 0, counted: 0 })
})

test('a note is 404 for everybody but its owner, admins too, with any method and header', async () => {
  const { server, person, note, address } = await withNote()
  const others = [await signedUp(server), await newAdmin(server)]
  const headersOf = (tags: string[]) => [{}, ...tags.map((tag) => ({ 'if-match': tag }))]
  const tries = [
    { method: 'GET', headers: [{}, { 'if-none-match': '"1"' }] },
    { method: 'PUT', headers: headersOf(['"1"', '"9"', '*']), body: aNote() },
    { method: 'PATCH', headers: headersOf(['"1"', '"9"', '*']), body: aNote() },
    { method: 'DELETE', headers: headersOf(['"1"', '"9"', '*']) },
  ].flatMap(({ headers, ...request }) => headers.map((each) => ({ ...request, headers: each })))

  for (const other of others) {
    for (const { method, ...request } of tries) {
      const answer = await ask(server, `${method} ${address}`, other, request)
      assertProblem(answer, 'not_found', { detail: 'There is no such note.' })
    }
    const list = await ask(server, 'GET /notes', other)
    assert.deepEqual(list.json(), { items: [], nextCursor: null })
    assert.deepEqual(await countNotes(server, other), { rows: 0, counted: 0 })
  }

  await assertStored(server, person, note)
  const entries = (await auditEntries(server)).filter(({ detail }) => detail === note.id)
  assert.deepEqual(entries, [])
})

test('a read with an If-None-Match that names the version is 304 without a body', async () => {
  const { server, person, note, address } = await withNote()
  const read = (tag: string) =>
    ask(server, `GET ${address}`, person, { headers: { 'if-none-match': tag } })

  for (const tag of ['"1"', '*', 'W/"1-gzip"', '"0", "1"']) {
    const { statusCode, body, headers } = await read(tag)
    assert.deepEqual([statusCode, body, headers.etag], [304, '', '"1"'], tag)
    assert.equal(headers['content-type'], undefined)
  }
  assertNote(await read('"2"'), 200, note)
  assertFaults(await read('1'), ['/if-none-match invalid_format'])
})

test('a write whose condition does not hold is 412 and changes nothing', async () => {
  const { server, person, note, address } = await withNote()

  for (const headers of [
    { 'if-match': '"2"' },
    { 'if-none-match': '"1"' },
    { 'if-none-match': '*' },
  ]) {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const body = method === 'DELETE' ? {} : { body: aNote({ title: 'Lost' }) }
      const answer = await ask(server, `${method} ${address}`, person, { ...body, headers })
      assertProblem(answer, 'precondition_failed')
    }
  }

  await assertStored(server, person, note)
  assert.deepEqual(await countNotes(server, person), { rows: 1, counted: 1 })
})

test('of many changes at once from one version one succeeds', async () => {
  const { server, person, address } = await withNote()

  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      ask(server, `PATCH ${address}`, person, {
        body: { title: `${n}` },
        headers: { 'if-match': '"1"' },
      }),
    ),
  )

  assert.deepEqual(tally(answers), { 200: 1, '412 precondition_failed': 7 })
  const [winner] = answers.filter(({ statusCode }) => statusCode === 200)
  await assertStored(server, person, winner?.json<Note>() ?? assert.fail('none succeeded'))
})

const LONG = '🦊'
for (const [field, values, code] of [
  ['title', [undefined], 'required'],
  ['title', [''], 'too_short'],
  ['title', [LONG.repeat(201)], 'too_long'],
  ['title', ['a\nb', 'a\u0000b', 'a\ud800b'], 'invalid_format'],
  ['body', ['x'.repeat(10_001)], 'too_long'],
  ['body', ['a\u0000b', 'a\u0007b', 'a\u007fb', 'a\ud800b'], 'invalid_format'],
  ['tags', [Array.from({ length: 11 }, () => 'x')], 'too_long'],
  ['tags/0', [['']], 'too_short'],
  ['tags/0', [[LONG.repeat(33)]], 'too_long'],
  ['tags/0', [['a\nb']], 'invalid_format'],
  [
    'tags/1',
    [
      ['a', 1],
      ['a', null],
      ['a', ['b']],
    ],
    'wrong_type',
  ],
] as const) {
  test(`POST, PUT and PATCH refuse a note with /${field} ${code}`, async () => {
    const { server, person, note, address } = await withNote()
    const name = String(field).split('/')[0] ?? ''

    for (const value of values) {
      for (const line of ['POST /notes', `PUT ${address}`, `PATCH ${address}`]) {
        if (value === undefined && line.startsWith('PATCH')) continue
        const answer = await ask(server, line, person, { body: { ...aNote(), [name]: value } })
        assertFaults(answer, [`/${field} ${code}`])
      }
    }

    await assertStored(server, person, note)
    assert.deepEqual(await countNotes(server, person), { rows: 1, counted: 1 })
  })
}

test('GET /dashboard counts the notes of the user', async () => {
  const { server, person } = await withNote()
  const dashboard = await ask(server, 'GET /dashboard', person)

  assert.equal(dashboard.json<{ notes: number }>().notes, 1)
})

test('DELETE /me removes the notes of the account in batches, and of no other', async () => {
  const { server, person } = await withNote()
  const { person: other, note: kept } = await withNote()
  for (let n = 0; n < 120; n++) await newNote(server, person)
  const from = server.queries.length

  const gone = await ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })

  const { client } = server.database
  assert.equal(gone.statusCode, 204, gone.body)
  assert.equal(await client.note.count({ where: { ownerId: person.user.id } }), 0)
  assert.equal(await client.user.count({ where: { id: person.user.id } }), 0)
  const deletions = server.queries.slice(from).filter((sql) => /^DELETE FROM `Note`/.test(sql))
  assert.equal(deletions.length, 3)
  await assertStored(server, other, kept)
})
