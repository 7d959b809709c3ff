import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { searchText } from '../../src/platform/database/search-text.ts'
import { isMysql, openFreshDatabase, queryMysql } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { aHouse, ask, sharedServer } from '../support/houses.ts'

const theServer = sharedServer()

/** The fold of the versions before, whose rows the migration turns into today's. */
const formerFold = (text: string) =>
  text.normalize('NFC').toLowerCase().normalize('NFC').toUpperCase()

/** Every code point that a text can hold. */
function* codePoints(): Generator<string> {
  for (let code = 1; code <= 0x10ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code)
  }
}

test('İ, I, ı and i are one letter in every search, alone, composed or not, and in words', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const writings = [
    'İstanbul',
    'istanbul',
    'ISTANBUL',
    'ıstanbul',
    'I\u0307STANBUL',
    'i\u0307stanbul',
  ]
  const fields = ['projectNo', 'projectName', 'projectAddress', 'q']
  for (const [at, text] of writings.entries()) {
    const texts = { projectNo: `${text}${at}`, projectName: text, projectAddress: `x ${text}` }
    const made = await ask(server, 'POST /houses', person, { body: aHouse(texts) })
    assert.equal(made.statusCode, 201, made.body)
  }

  for (const field of fields) {
    for (const wanted of [...writings, 'İ', 'ı', 'ISTAN', 'ıstan']) {
      const query = new URLSearchParams({ [field]: wanted, ownerId: person.user.id })
      const answer = await ask(server, `GET /houses?${query}`, person)

      const found = answer.json<{ totalItems: number }>().totalItems
      assert.equal(found, writings.length, `${field}=${wanted}`)
    }
  }
})

test('no other letters become one in a search than those with and without a dot', () => {
  const dotted = 'İ'
  for (const letter of codePoints()) {
    const expected = formerFold(letter).normalize('NFC').replaceAll(dotted, 'I')
    assert.equal(searchText(letter), expected, letter.codePointAt(0)?.toString(16))
    if (letter !== dotted)
      assert.equal(searchText(letter).normalize('NFD'), formerFold(letter).normalize('NFD'))
  }
  assert.deepEqual(['i', 'ı', 'İ', 'í', 'ï', 'į', 'j'].map(searchText).join(' '), 'I I I Í Ï Į J')
})

test('a searched text is at most three times as long as the typed one, in any script', () => {
  for (const letter of codePoints()) {
    const folded = searchText(letter)
    assert.ok([...folded].length <= 3 && folded.length <= 3 * letter.length, letter)
    assert.ok(Buffer.byteLength(folded) <= 3 * Buffer.byteLength(letter), letter)
  }
  // Letters that come apart into three, of which two are composed again.
  for (const letter of 'ΐΰῒΐῗῢΰῧ') assert.equal([...searchText(letter)].length, 2, letter)
})

test('names of the letters that fold to the most are stored whole, and found by their ends', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (const letter of ['ΐ', 'ﬃ', 'ᾷ', 'ß', 'İ', '\u{1D160}', '\uFB2C', '\uFDFA']) {
    const text = `${letter.repeat(255)}z`
    const body = aHouse({
      projectNo: `${letter.repeat(127)}z`,
      projectName: text,
      projectAddress: text,
    })
    const made = await ask(server, 'POST /houses', person, { body })
    assert.equal(made.statusCode, 201, made.body)

    const query = new URLSearchParams({ projectName: `${letter}${letter}Z` })
    const found = (await ask(server, `GET /houses?${query}`, person)).json<{ items: object[] }>()
    assert.deepEqual(found.items, [made.json()])
  }
})

test('the migration makes of every stored text what is compared today, and changes no other', async (t) => {
  const { client, url } = await openFreshDatabase(t)
  const ownerId = 'a0000000-0000-7000-8000-000000000000'
  const at = new Date()
  const who = { id: ownerId, username: 'a', usernameKey: 'a', email: 'a', emailKey: 'a' }
  await client.user.create({ data: { ...who, passwordHash: '-', createdAt: at, updatedAt: at } })
  const texts = [...slices([...codePoints()], 250), 'İİ ıi', 'ÇIĞLIK İÇİN', 'ΐΰ ϊ', 'plain']
  const rows = texts.map((text, n) => ({
    ...{ id: `${n}`, projectNo: `${n}`, projectName: '', ownerId, createdAt: at, updatedAt: at },
    ...{ searchNo: formerFold(text.slice(0, 128)), searchName: formerFold(text) },
    searchAddress: formerFold(`x${text}`),
  }))
  for (const batch of batchesOf(rows, 100)) await client.house.createMany({ data: batch })

  for (let time = 0; time < 2; time++) await migrateAgain()

  const stored = await client.house.findMany()
  for (const { id, searchNo, searchName, searchAddress } of stored) {
    const text = texts[Number(id)] ?? ''
    const expected = [text.slice(0, 128), text, `x${text}`].map(searchText)
    assert.deepEqual([searchNo, searchName, searchAddress], expected)
  }
  assert.equal(stored.length, texts.length)

  async function migrateAgain(): Promise<void> {
    const kind = isMysql ? 'mysql' : 'sqlite'
    const path = `../../prisma/${kind}/migrations/20261128161000_search_turkish/migration.sql`
    const sql = readFileSync(new URL(path, import.meta.url), 'utf8')
    if (isMysql) await queryMysql(url, sql)
    else for (const statement of sql.trim().split(';\n')) await client.$executeRawUnsafe(statement)
  }
})

/** Texts of so many letters, none of which joins the one before it. */
function slices(letters: string[], size: number): string[] {
  return batchesOf(letters, size / 2).map((batch) => batch.join('\u200B'))
}

function batchesOf<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  )
}
