// runs once
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { assertSameLines } from '../support/same-lines.ts'

// One feature owns each table and is the only one that writes it (CONTRIBUTING.md).

const FEATURES = new URL('../../src/features/', import.meta.url)
const WRITE =
  /\b(?:db|tx)\.(\w+)\.(?:create|createMany|update|updateMany|upsert|delete|deleteMany)\b/g

const WRITING_TEXT = /\b(?:INSERT INTO|UPDATE|DELETE FROM) \W*(\w+)\W*(?:\(|SET\b|WHERE\b)/g

/** `table feature` for each write in the source of a feature, by a call or as text. */
function writesOf(feature: string, source: string): string[] {
  const tables = [
    ...[...source.matchAll(WRITE)].map(([, table = '']) => table),
    ...[...source.matchAll(WRITING_TEXT)].map(([, table = '']) => lowerFirst(table)),
  ]
  return tables.map((table) => `${table} ${feature}`)
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

function filesOf(feature: string): string[] {
  const names = readdirSync(new URL(`${feature}/`, FEATURES), { recursive: true }).map(String)
  return names.filter((name) => /\.m?[jt]s$/.test(name))
}

function allWrites(): string[] {
  const folders = readdirSync(FEATURES, { withFileTypes: true }).filter((it) => it.isDirectory())
  return folders.flatMap(({ name: feature }) =>
    filesOf(feature).flatMap((file) =>
      writesOf(feature, readFileSync(new URL(`${feature}/${file}`, FEATURES), 'utf8')),
    ),
  )
}

test('each table is written by the feature that owns it and by no other', () => {
  const owners = [
    'auditDay audit',
    'auditEvent audit',
    'challenge challenges',
    'factor factors',
    'house houses',
    'idempotentRequest idempotency',
    'identity identities',
    'mail mail',
    'note notes',
    'photo photos',
    'recoveryCode factors',
    'session sessions',
    'signInFailures lockout',
    'signingKey keys',
    'user users',
  ]

  const advice = 'The list in this file says which feature owns which table: add those of yours'
  assertSameLines(owners, allWrites(), advice)
})

for (const planted of [
  'await tx.user.updateMany({})',
  'db.$executeRaw`UPDATE User SET name = 1`',
  'db.$executeRaw`\n INSERT INTO \\`User\\` (\\`id\\`) VALUES (1)`',
  'db.$executeRaw`DELETE FROM User WHERE id = 1`',
]) {
  test(`a planted write of another feature is seen: ${planted}`, () => {
    assert.deepEqual(writesOf('password', planted), ['user password'])
  })
}
