// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { createLanguages } from '../../src/http/headers/accept-language.ts'

const english = createLanguages(['en', 'zh-CN'])
const chinese = createLanguages(['zh-CN', 'en'])

/** What a client sends, and what it gets from a server whose default is English. */
const WISHES: [header: string | undefined, language: 'en' | 'zh-CN'][] = [
  [undefined, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['en', 'en'],
  ['en-GB,en;q=0.9', 'en'],
  ['zh-CN', 'zh-CN'],
  ['zh-cn', 'zh-CN'],
  ['ZH-CN', 'zh-CN'],
  ['zh', 'zh-CN'],
  ['zh-Hans', 'zh-CN'],
  ['zh-Hans-CN', 'zh-CN'],
  ['zh-SG', 'zh-CN'],
  // Other scripts are not guessed.
  ['zh-TW', 'en'],
  ['zh-Hant', 'en'],
  ['zh-HK', 'en'],
  ['zh-TW,zh-CN;q=0.5', 'zh-CN'],
  ['zh-Hant-CN', 'en'],
  ['en-Hans', 'en'],
  ['cmn', 'zh-CN'],
  ['fr', 'en'],
  ['de, zh-Hans;q=0.8, en;q=0.5', 'zh-CN'],
  ['en;q=0.5, zh-CN', 'zh-CN'],
  ['zh-CN;q=0.1, en', 'en'],
  ['zh-CN;q=0, en', 'en'],
  ['fr-CH, fr;q=0.9, zh;q=0.8, *;q=0.5', 'zh-CN'],
  // What is not a tag counts as nothing.
  ['abcd', 'en'],
  ['a', 'en'],
  ['x-private', 'en'],
  ['i-klingon, zh-CN', 'zh-CN'],
  ['zh_CN', 'en'],
  ['-,;q=1,,zh-CN', 'zh-CN'],
  [`${'a'.repeat(3000)}, zh-CN;q=0.5`, 'zh-CN'],
  [`${'a-'.repeat(1500)}a`, 'en'],
  // Only the first ten are read.
  ['fr,de,it,es,pt,nl,pl,cs,sv,zh-CN', 'zh-CN'],
  ['fr,de,it,es,pt,nl,pl,cs,sv,fi,zh-CN', 'en'],
]

for (const [header, language] of WISHES) {
  test(`Accept-Language ${String(header).slice(0, 60)} is answered in ${language}`, () => {
    assert.equal(english.of(header), language)
    assert.equal(english.of(header), language, 'the second time, too')
  })
}

test('the first of LANGUAGES is for those who ask for none of them', () => {
  assert.deepEqual(
    [undefined, '*', 'fr', 'zh-TW', 'en', 'zh-SG'].map((header) => chinese.of(header)),
    ['zh-CN', 'zh-CN', 'zh-CN', 'zh-CN', 'en', 'zh-CN'],
  )
})

test('a server with one language answers in it, no matter what is asked for', () => {
  const only = createLanguages(['zh-CN'])

  for (const header of ['en', 'fr;q=1', '*;q=0', 'zh-CN;q=0'])
    assert.equal(only.of(header), 'zh-CN')
})

test('any header chooses one of the languages and never fails', () => {
  const any = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'azZ09-_,;=*. q') }))

  fc.assert(fc.property(any, (header) => english.offered.includes(english.of(header))))
})

test('more headers than are kept change no answer', () => {
  const languages = createLanguages(['en', 'zh-CN'])

  for (let at = 0; at < 500; at++) {
    const rank = (0.001 + at / 1000).toFixed(3)
    assert.equal(languages.of(`zh-CN, en;q=${rank}`), 'zh-CN')
    assert.equal(languages.of(`en, zh-CN;q=${rank}`), 'en')
  }
})

/** As long as the server reads headers; each one is new to it. */
const HEADERS: Record<string, (at: number) => string> = {
  'one long tag': (at) => `en-x-${at}${'-abcdefgh'.repeat(1700)}`,
  'many tags': (at) => `fr-x-${at},`.repeat(1600),
  'many that are not tags': (at) => `abcd${at},`.repeat(1600),
  'ten short tags': (at) => Array.from({ length: 10 }, (_, one) => `fr-x-${at}-${one}`).join(),
}

for (const [what, header] of Object.entries(HEADERS)) {
  test(`nothing is left of headers with ${what}, and they are read at once`, () => {
    const languages = createLanguages(['en', 'zh-CN'])
    const read = (from: number, count: number) => {
      for (let at = from; at < from + count; at++) languages.of(header(at))
    }
    read(0, 500)

    const before = heapAfterCollection()
    const begun = performance.now()
    read(500, 3000)
    const milliseconds = performance.now() - begun
    const left = heapAfterCollection() - before

    assert.ok(left < 1_000_000, `${left} bytes are left of 3,000 headers`)
    assert.ok(milliseconds < 6000, `${milliseconds} ms for 3,000 headers`)
  })
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
