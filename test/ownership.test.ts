// runs once
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

// One feature owns each table and is the only one that writes it (CONTRIBUTING.md).

const FEATURES = new URL('../src/features/', import.meta.url)
const WRITE =
  /\b(?:db|tx)\.(\w+)\.(?:create|createMany|update|updateMany|upsert|delete|deleteMany)\b/g

/** `table feature` for each write in the source of a feature. */
function writesOf(feature: string, source: string): string[] {
  return [...source.matchAll(WRITE)].map(([, table]) => `${table} ${feature}`)
}

function allWrites(): string[] {
  return readdirSync(FEATURES).flatMap((feature) =>
    readdirSync(new URL(`${feature}/`, FEATURES)).flatMap((file) =>
      writesOf(feature, readFileSync(new URL(`${feature}/${file}`, FEATURES), 'utf8')),
    ),
  )
}

test('each table is written by the feature that owns it and by no other', () => {
  const owners = [...new Set(allWrites())].sort()

  assert.deepEqual(owners, [
    'auditEvent audit',
    'house houses',
    'idempotentRequest idempotency',
    'photo photos',
    'session sessions',
    'signInFailures lockout',
    'signingKey keys',
    'user accounts',
  ])
})

test('a planted write of another feature is seen', () => {
  assert.deepEqual(writesOf('password', 'await tx.user.updateMany({})'), ['user password'])
})
