import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import {
  ask,
  built,
  builtAll,
  encoded,
  expectedRows,
  idsOf,
  type Page,
  pageOf,
  type Query,
} from '../support/house-rows.ts'
import { numbered } from '../support/houses.ts'
import { assertFaults } from '../support/problems.ts'

test('GET /houses of one owner holds the houses of that one alone', async (t) => {
  const server = await startServer(t)
  const [one, other, none] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  const rows = await builtAll(server, one, numbered(3))
  const others = await builtAll(server, other, numbered(2))

  const of = (ownerId: string) => pageOf(server, none, { ownerId, sort: 'createdAt' })

  assert.deepEqual((await of(one.user.id)).items, rows)
  assert.deepEqual((await of(other.user.id)).items, others)
  assert.equal((await of(none.user.id)).totalItems, 0)
  assert.equal((await of(randomV7())).totalItems, 0)
  assert.equal((await of('')).totalItems, 5)
})

/** A well-formed id that nobody has. */
function randomV7(): string {
  const random = randomUUID()
  return `${random.slice(0, 14)}7${random.slice(15)}`
}

test('empty filters do not filter, and an address that is null is found by none', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const without = await built(server, person, { projectNo: 'N-1', projectName: 'null' })
  const empty = await built(server, person, { projectNo: 'N-2', projectAddress: '' })
  const full = await built(server, person, { projectNo: 'N-3', projectAddress: 'null' })
  const list = async (query: Query) => idsOf((await pageOf(server, person, query)).items)
  const nothing = { projectNo: '', projectName: '', projectAddress: '', q: '', ownerId: '' }

  assert.deepEqual(await list(nothing), idsOf([full, empty, without]))
  assert.deepEqual(await list({ projectAddress: 'null' }), [full.id])
  assert.deepEqual(await list({ projectAddress: 'N' }), [full.id])
  assert.deepEqual(await list({ q: 'null' }), idsOf([full, without]))
  assert.deepEqual(await list({ q: 'nullnull' }), [])
  assert.equal(empty.projectAddress, '')
  assert.equal(without.projectAddress, null)
})

test('q looks in each of the three texts alone, other filters must all hold', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const wishes = [
    { projectNo: 'alpha', projectName: 'beta', projectAddress: 'gamma' },
    { projectNo: 'beta', projectName: 'gamma', projectAddress: 'alpha' },
    { projectNo: 'gamma', projectName: 'alpha', projectAddress: 'beta' },
  ]
  const [one, two, three] = idsOf(await builtAll(server, person, wishes))
  const list = async (query: Query) =>
    idsOf((await pageOf(server, person, { ...query, sort: 'createdAt' })).items)

  assert.deepEqual(await list({ q: 'ALPHA' }), [one, two, three])
  assert.deepEqual(await list({ q: 'alpha', projectNo: 'bet' }), [two])
  assert.deepEqual(await list({ projectNo: 'a', projectName: 'a', projectAddress: 'mm' }), [one])
  assert.deepEqual(await list({ projectName: 'pha', projectAddress: 'gamma' }), [])
  for (const q of ['alphabeta', 'betagamma', 'alpha beta', 'aalpha']) {
    assert.deepEqual(await list({ q }), [], q)
  }
  assert.deepEqual(await list({ projectName: 'm' }), [two])
  assert.deepEqual(await list({ q: 'ph', projectAddress: 'ph' }), [two])
})

const texts = [
  ...['100%', '100x', 'a_b', 'axb', 'a\\b', 'a\\\\b', 'a\\%b', 'a\\_b', "O'Hara", 'O"Hara', "''"],
  ...['a+b', 'a b', 'a&b=c', 'a;b', '--', '/*', '*', '?', '[a-z]', '^a', 'a$', '.', '#', '%25'],
  ...['a  b', ' a', 'a ', '$1', '{{x}}', '$(x)', '`', '|', '~', '<b>', '&amp;'],
  ...[
    '\u{1F600}',
    '\u{1F601}',
    '\u{1F468}\u200D\u{1F469}',
    '👍🏽',
    '中文',
    '中国',
    '國',
    '한글',
    'ｱ',
  ],
]

test('filters take every character for itself, in each field and in q', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(
    server,
    person,
    texts.map((text) => ({
      projectNo: text,
      projectName: `n${text}`,
      projectAddress: `(${text})`,
    })),
  )
  const rows = (await pageOf(server, person, { size: 100 })).items
  const parts = [...texts, '%', '_', '\\', "'", '"', '+', ' ', '&', '%%', '\\\\', '__', '(', 'n%']

  for (const part of parts) {
    for (const field of ['projectNo', 'projectName', 'projectAddress', 'q']) {
      const query = { [field]: part, size: 100 }
      const expected = idsOf(expectedRows(rows, query))
      const { items, totalItems } = await pageOf(server, person, query)
      assert.deepEqual(idsOf(items), expected, encoded(query))
      assert.equal(totalItems, expected.length)
    }
  }
  const plus = await ask(server, person, 'projectNo=a+b')
  assert.deepEqual(plus.json<Page>().items[0]?.projectNo, 'a b', 'a bare + is a space')
})

/** Texts that are the same but for their case or their composition, and one that is not. */
const twins: [name: string, same: string[], other: string][] = [
  ['ASCII', ['straw', 'STRAW', 'sTrAw'], 'strew'],
  ['é in both cases, composed and decomposed', ['é', 'É', 'e\u0301', 'E\u0301'], 'e'],
  ['ß, SS and the capital ẞ', ['maß', 'MASS', 'mass', 'maß'.toUpperCase(), 'MAẞ'], 'mas'],
  ['the sigmas', ['ΟΔΟΣ', 'οδος', 'οδοσ', 'Οδος'], 'οδο'],
  ['Cyrillic', ['Улица', 'улица', 'УЛИЦА'], 'улиса'],
  ['İ, composed and decomposed, I, ı and i', ['İ', 'I\u0307', 'i\u0307', 'I', 'ı', 'i'], 'l'],
  ['ligatures', ['ﬁ', 'FI', 'fi'], 'f'],
  ['digraphs in three cases', ['ǆ', 'ǅ', 'Ǆ'], 'd'],
  ['astral letters', ['\u{10428}', '\u{10400}'], '\u{10429}'],
  ['full-width letters, which are not ASCII', ['Ａ', 'ａ'], 'A'],
  ['Å and the sign of the unit', ['Å', 'å', '\u212B', 'A\u030A'], 'A'],
  ['Hangul, composed and decomposed', ['한', '한'.normalize('NFD')], '하'],
]

test('filters take texts for the same that differ in case or composition alone', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const [name, same, other] of twins) {
    const wishes = [...same, other].map((text) => ({ projectName: text, projectAddress: text }))
    const rows = await builtAll(server, person, wishes)
    const expected = idsOf(rows.slice(0, same.length)).reverse()

    for (const part of same) {
      for (const field of ['projectName', 'projectAddress', 'q']) {
        const { items } = await pageOf(server, person, { [field]: part, size: 100 })
        const own = items.filter(({ id }) => idsOf(rows).includes(id))
        assert.deepEqual(idsOf(own), expected, `${name}: ${encoded({ [field]: part })}`)
      }
    }
  }
})

test('a text is returned and counted as it was written, although filters normalize it', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const wish = {
    projectNo: 'ß'.repeat(128),
    projectName: 'ΐ'.repeat(256),
    projectAddress: '\u{1F600}'.repeat(256),
  }
  const row = await built(server, person, wish)

  const found = await Promise.all([
    pageOf(server, person, { projectNo: 'S'.repeat(128) }),
    pageOf(server, person, { projectNo: 'ß'.repeat(128) }),
    pageOf(server, person, { projectName: 'ΐ'.repeat(256) }),
    pageOf(server, person, { q: '中'.repeat(200) }),
  ])

  assert.deepEqual({ ...row, ...wish }, row)
  assert.deepEqual(
    found.map(({ items }) => items),
    [[row], [row], [row], []],
  )
})

for (const name of ['projectName', 'projectAddress', 'q']) {
  test(`${name} takes 256 code points of any script, as the contract says`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const text = '\u{1F600}'.repeat(256)
    const row = await built(server, person, { projectName: text, projectAddress: text })

    const response = await ask(server, person, { [name]: text })
    const longer = await ask(server, person, { [name]: `${text}x` })

    assert.equal(response.statusCode, 200, response.body)
    assert.deepEqual(response.json<Page>().items, [row])
    assertFaults(longer, [`/${name} too_long`])
  })
}
