// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminPages } from '../../src/languages/admin-pages.ts'
import { allLanguages, catalogues, type Language } from '../../src/languages/languages.ts'

type Branch = { [name: string]: string | Branch | ((...values: never[]) => unknown) }

/** With the page for administrators, which the server does not load. */
const everythingIn = (language: Language) =>
  textsOf({ ...catalogues[language], adminPage: adminPages[language] })

/** Each text by its path, written with values that can be found again in it. */
function textsOf(branch: object, path = ''): [path: string, text: string][] {
  return Object.entries(branch as Branch).flatMap(([name, text]) => {
    const here = `${path}/${name}`
    if (typeof text === 'string') return [[here, text] as [string, string]]
    if (typeof text === 'function') return [[here, written(here, text)] as [string, string]]
    return textsOf(text, here)
  })
}

/** What functions take beside numbers and strings. */
const LISTS = new Set(['/details/produces', '/fields/type', '/fields/oneOf'])
/** Texts that take one of a few words, which each language has its own words for. */
const ACTORS = /^\/activity\//

const MAILS = /^\/mails\//
const MAIL = {
  ...{ site: '7103', code: '7109', link: '7121', until: '7127' },
  ...{ when: '7129', device: '7151', left: '7159' },
}
/** Texts that only frame what is in them. */
const NO_WORDS = new Set(
  ['colon', 'comma', 'dates', 'utc'].map((name) => `/mailWords/${name}`).concat('/fields/mustBe'),
)

function written(path: string, text: (...values: never[]) => unknown): string {
  if (MAILS.test(path)) return wordsOf(text(...([MAIL] as never[])))
  const numbers = [7103, 7109, 7121, 7127]
  const values: unknown[] = ACTORS.test(path)
    ? ['administrator']
    : LISTS.has(path)
      ? [['7103', '7109'], 7121]
      : numbers
  return String(text(...(values.slice(0, Math.max(1, text.length)) as never[])))
}

/** The words of a mail, part by part. */
function wordsOf(part: unknown): string {
  return typeof part === 'object'
    ? Object.values(part ?? {})
        .map(wordsOf)
        .join('\n')
    : String(part)
}

const markers = (text: string) => [...new Set(text.match(/71\d\d/g) ?? [])].sort()

for (const language of allLanguages) {
  test(`the texts in ${language} name the same values as the English ones`, () => {
    const expected = everythingIn('en')
    const texts = new Map(everythingIn(language))

    assert.deepEqual(
      expected.filter(([path, text]) => {
        const other = texts.get(path) ?? ''
        return other.trim() === '' || String(markers(other)) !== String(markers(text))
      }),
      [],
    )
    assert.equal(texts.size, expected.length)
    assert.ok(expected.filter(([, text]) => markers(text).length > 0).length > 30)
  })

  test(`no text in ${language} keeps a value for itself`, () => {
    for (const [path, text] of everythingIn(language)) {
      assert.doesNotMatch(text, /undefined|\[object|=>|NaN/, path)
    }
  })
}

test('codes, headers, settings and paths are the same in every language', () => {
  const NAMES = /`[^`]+`|\b[A-Z]{3,}_[A-Z_]+\b|(?:GET|POST|PUT|DELETE) \/[\w/]+|\bRFC \d+\b/g
  const namesIn = (text: string) => [...new Set(text.match(NAMES) ?? [])].sort()
  for (const language of allLanguages) {
    const texts = new Map(everythingIn(language))
    for (const [path, text] of everythingIn('en')) {
      assert.deepEqual(namesIn(texts.get(path) ?? ''), namesIn(text), `${language} ${path}`)
    }
  }
})

test('Chinese texts are Chinese, and say 您', () => {
  for (const [path, text] of everythingIn('zh-CN')) {
    if (NO_WORDS.has(path) || path.endsWith('/colon')) continue
    assert.match(text, /\p{Script=Han}/u, path)
    assert.doesNotMatch(text, /你|帐号|登陆|[\p{Script=Han}][,;:?!]/u, `${path}: ${text}`)
  }
})

test('Chinese texts have a space between Chinese and Latin words', () => {
  const TOUCHING = /\p{Script=Han}[A-Za-z]|[A-Za-z]\p{Script=Han}/u
  for (const [path, text] of everythingIn('zh-CN')) {
    if (!NO_WORDS.has(path)) assert.doesNotMatch(text, TOUCHING, `${path}: ${text}`)
  }
  const { type } = catalogues['zh-CN'].fields
  assert.equal(type(['string', 'null']), '值必须是字符串或 null。')
  assert.equal(type(['boolean', 'object', 'array']), '值必须是 true 或 false 或 JSON 对象或数组。')
})
