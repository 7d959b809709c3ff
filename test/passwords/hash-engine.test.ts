// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import argon2 from 'argon2'
import { hashEngine, referenceEngine } from '../../src/platform/passwords/argon2.ts'

const PASSWORD = Buffer.from('zqxj kvbp wmfg é')
const WRONG = Buffer.from('zqxj kvbp wmfg e')
const ENGINES = { quick: hashEngine, reference: referenceEngine }
const CHEAP = { memoryKib: 64, time: 1, parallelism: 1 }
const COSTS = [
  CHEAP,
  { memoryKib: 19_456, time: 2, parallelism: 1 },
  { memoryKib: 256, time: 3, parallelism: 4 },
]

const noBinary = !['x64', 'arm64'].includes(process.arch) && `no binary for ${process.arch}`

test('the quick engine is there on this machine, and is used', { skip: noBinary }, async (t) => {
  const { hash, verify } = await import('@node-rs/argon2')
  const reference = [t.mock.method(argon2, 'hash'), t.mock.method(argon2, 'verify')]
  const stored = await hashEngine.hash(PASSWORD, CHEAP)

  assert.deepEqual([typeof hash, typeof verify], ['function', 'function'])
  assert.equal(await hashEngine.verify(stored, PASSWORD), true)
  assert.deepEqual(
    reference.map(({ mock }) => mock.callCount()),
    [0, 0],
  )
})

for (const [maker, { hash }] of Object.entries(ENGINES)) {
  for (const [reader, { verify }] of Object.entries(ENGINES)) {
    for (const cost of COSTS) {
      const { memoryKib: m, time: t, parallelism: p } = cost
      test(`the ${reader} engine reads what the ${maker} engine wrote at m=${m},t=${t},p=${p}`, async () => {
        const stored = await hash(PASSWORD, cost)

        const shape = new RegExp(
          `^\\$argon2id\\$v=19\\$m=${m},t=${t},p=${p}\\$[\\w+/]{22}\\$[\\w+/]{43}$`,
        )
        assert.match(stored, shape)
        assert.deepEqual(await Promise.all([PASSWORD, WRONG].map((it) => verify(stored, it))), [
          true,
          false,
        ])
      })
    }
  }
}

test('hashes with other salts and digests than ours are read by the reference', async (t) => {
  const verify = t.mock.method(argon2, 'verify')
  const shapes = [
    { salt: Buffer.alloc(64, 7), hashLength: 32 },
    { salt: Buffer.alloc(16, 7), hashLength: 64 },
  ]

  for (const { salt, hashLength } of shapes) {
    const stored = await argon2.hash(PASSWORD, { memoryCost: 64, timeCost: 2, salt, hashLength })
    assert.equal(await hashEngine.verify(stored, PASSWORD), true)
  }

  assert.equal(verify.mock.callCount(), 2)
})
