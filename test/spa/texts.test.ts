// runs once
// The words of examples/spa. That none is missing, the compiler holds.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { spaFiles, spaModule } from '../support/spa.ts'

type Texts = { use: () => object; now: () => object }
type Catalogues = {
  catalogues: Record<string, Texts>
  chooseLanguage: (language: string) => void
  pseudo: <T>(texts: T) => T
}

/** Names, which are the same in every language. */
const SAME = /^(Latchkey)$/

let spa: Record<string, unknown> & Pick<Catalogues, 'chooseLanguage' | 'pseudo'>
let catalogues: [string, Texts][]

before(async () => {
  Object.assign(globalThis, { document: { documentElement: {} } })
  const files = [...spaFiles()].filter(([, text]) => text.includes('= defineTexts({'))
  spa = await spaModule(...files.map(([name]) => name), 'auth/ui/language.ts', 'auth/ui/pseudo.ts')
  catalogues = Object.entries(spa).filter((entry): entry is [string, Texts] => isTexts(entry[1]))
})

test('every catalogue has each text in Chinese, and none is English by mistake', () => {
  assert.ok(catalogues.length >= 3, 'of the parts, the sign-in pages and the application')
  for (const [name, texts] of catalogues) {
    const english = wordsIn(inLanguage(texts, 'en'))
    const chinese = wordsIn(inLanguage(texts, 'zh-CN'))
    assert.deepEqual([...chinese.keys()], [...english.keys()], name)
    const same = [...english].filter(([key, text]) => chinese.get(key) === text && !SAME.test(text))
    assert.deepEqual(same, [], `${name}: the same in both languages`)
    const without = [...chinese].filter(
      ([, text]) => !/\p{Script=Han}/u.test(text) && !SAME.test(text),
    )
    assert.deepEqual(without, [], `${name}: without a Chinese letter`)
  }
})

test('each text is used somewhere', () => {
  const sources = [...spaFiles()].filter(([name]) => !/(^|\/)texts?(\/|\.ts$)/.test(name))
  const code = sources.map(([, text]) => text).join('\n')
  const names = catalogues.flatMap(([, texts]) => Object.keys(inLanguage(texts, 'en')))

  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code)),
    [],
  )
})

test('Chinese texts have the marks of Chinese, and no space beside them', () => {
  for (const [name, texts] of catalogues) {
    const wrong = [...wordsIn(inLanguage(texts, 'zh-CN'))].filter(([, text]) =>
      /\p{Script=Han}[,;:!?.]|[，。；：！？] |\s[，。；：！？]|你/u.test(text),
    )
    assert.deepEqual(wrong, [], name)
  }
})

test('the pseudo language puts each text into brackets, and keeps what is filled in', () => {
  const texts = {
    plain: 'Sign in',
    filled: (name: string) => `Hello, ${name}!`,
    deep: { list: [['a', 'b']] },
  }

  const { plain, filled, deep } = spa.pseudo(texts)

  assert.equal(plain, '⟦Sign in⟧')
  assert.equal(filled('Ada'), '⟦Hello, Ada!⟧')
  assert.deepEqual(deep, { list: [['⟦a⟧', '⟦b⟧']] })
})

function isTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'use' in value && 'now' in value
}

function inLanguage(texts: Texts, language: string): object {
  spa.chooseLanguage(language)
  return texts.now()
}

/** Each text by the way to it; one that takes something is called with numbers. */
function wordsIn(texts: unknown, way = ''): Map<string, string> {
  if (typeof texts === 'string') return new Map([[way, texts]])
  if (typeof texts === 'function') return wordsIn(texts(2, 3, 4), way)
  return new Map(
    Object.entries(texts as object).flatMap(([key, text]) => [...wordsIn(text, `${way}/${key}`)]),
  )
}
