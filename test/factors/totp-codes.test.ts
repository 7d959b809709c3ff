// runs once
// Codes of authenticator apps, against another implementation (ASVS 5.0 6.5.5).
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret, TOTP, URI } from 'otpauth'
import { base32, otpauthUri } from '../../src/features/factor-settings/otpauth-uri.ts'
import { stepOf, totpAt, totpStep } from '../../src/features/factors/totp.ts'

const seeds = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes))
const times = fc.integer({ min: 300_000, max: 4_102_444_800_000 })

function oracle(seed: Buffer): TOTP {
  return new TOTP({ secret: new Secret({ buffer: Uint8Array.from(seed).buffer }) })
}

test('the codes are those of RFC 6238, Appendix B', () => {
  const seed = Buffer.from('12345678901234567890')
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ] as const) {
    assert.equal(totpAt(seed, stepOf(seconds * 1000)), code)
  }
})

test('the codes are those of otpauth, for any seed at any time', () => {
  fc.assert(
    fc.property(seeds, times, (seed, now) => {
      assert.equal(totpAt(seed, stepOf(now)), oracle(seed).generate({ timestamp: now }))
    }),
    { numRuns: 500 },
  )
})

test('a code is right in its step and in those beside it, and in no other', () => {
  fc.assert(
    fc.property(seeds, times, fc.integer({ min: -4, max: 4 }), (seed, now, away) => {
      const step = stepOf(now) + away
      const found = totpStep(seed, totpAt(seed, step), now)
      if (Math.abs(away) <= 1) assert.ok(found !== undefined)
      // One in 300,000 is the code of another step by chance.
      else assert.ok(found === undefined || totpAt(seed, found) === totpAt(seed, step))
      const delta = oracle(seed).validate({ token: totpAt(seed, step), timestamp: now, window: 1 })
      assert.equal(found !== undefined, delta !== null)
    }),
  )
})

test('leading zeros count, spaces and hyphens do not; other digits are not a code', () => {
  const seed = Buffer.from('12345678901234567890')
  const now = 1_111_111_109_000
  for (const typed of ['081804', '081 804', ' 081804 ', '081-804', '081\u00a0804', '081–804'])
    assert.equal(totpStep(seed, typed, now), stepOf(now), typed)
  for (const typed of [
    ...[
      '81804',
      '0081804',
      '081805',
      '',
      '０８１８０４',
      '٠٨١٨٠٤',
      '08l8o4',
      '8.1804e4',
      '0x13f8c',
    ],
    ...['081804\u0000', '\ud800081804', '081804081804', 'NaN', '-81804', '+081804'],
  ])
    assert.equal(totpStep(seed, typed, now), undefined, typed)
})

test('an app reads the same from the URI as a person from the secret', () => {
  const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  const spoken = names.filter((name) => name.isWellFormed() && name.trim() === name)
  fc.assert(
    fc.property(seeds, spoken, (seed, account) => {
      const secret = base32(seed)
      assert.equal(secret, new Secret({ buffer: Uint8Array.from(seed).buffer }).base32)
      const uri = otpauthUri({ issuer: 'auth.example.org', account, secret })
      const [, label = ''] = /^otpauth:\/\/totp\/auth\.example\.org:([^?]+)\?/.exec(uri) ?? []
      assert.equal(decodeURIComponent(label), account)
      const query = new URL(uri).searchParams
      assert.deepEqual(Object.fromEntries(query), {
        ...{ secret, issuer: 'auth.example.org', algorithm: 'SHA1', digits: '6', period: '30' },
      })
    }),
  )
  const uri = otpauthUri({ issuer: 'localhost', account: 'a&b', secret: base32(randomBytes(20)) })
  const parsed = URI.parse(uri)
  assert.deepEqual([parsed.issuer, parsed.label], ['localhost', 'a&b'])
})
