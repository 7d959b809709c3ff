// runs once
// What no compiler can see of the catalogues of src/languages. Mails: test/mail/mail-texts.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminPages } from '../../src/languages/admin-pages.ts'
import { allLanguages, catalogues, type Language } from '../../src/languages/languages.ts'

type Told = (...parts: unknown[]) => string

const others = allLanguages.filter((language) => language !== 'en')
const english = textsOf('en')

function textsOf(language: Language): Map<string, string> {
  const { mails: _, ...texts } = catalogues[language] as { mails?: unknown }
  return new Map(leavesOf({ ...texts, adminPage: adminPages[language] }))
}

/** Each text by its path, with a mark for each value that a function gets. */
function leavesOf(part: unknown, path = ''): [string, string][] {
  if (typeof part === 'string') return [[path, part]]
  if (typeof part === 'function') return [[path, told(part as Told)]]
  return Object.entries(part ?? {}).flatMap(([name, inner]) => leavesOf(inner, `${path}/${name}`))
}

function told(text: Told): string {
  const marks = Array.from({ length: text.length }, (_, index) => `<${index}>`)
  try {
    return text(...marks)
  } catch {
    // Where a text gets lists.
    return text(...marks.map((mark) => [mark]))
  }
}

const marksOf = (text = '') => [...new Set(text.match(/<\d>/g))].sort()

for (const language of others) {
  const texts = textsOf(language)

  test(`the texts of ${language} name what the English ones name`, () => {
    assert.ok(english.size > 400, `${english.size} texts`)
    for (const [path, text] of english) {
      const other = texts.get(path) ?? ''
      assert.deepEqual(marksOf(other), marksOf(text), `${path}: ${other}`)
    }
  })

  test(`the texts of ${language} keep the names of requests, fields and settings`, () => {
    const names = /`[^`]+`|\b[A-Z]{2,}_[A-Z_]+\b|\b(?:GET|POST|PATCH|PUT|DELETE) \/[\w/]*/g
    for (const [path, text] of english) {
      const kept = [...new Set(text.match(names))].sort()
      const own = new Set(texts.get(path)?.match(names))
      assert.deepEqual([...own].sort(), kept, `${path}: ${texts.get(path)}`)
    }
  })

  test(`no text of ${language} is the English one`, () => {
    const same = [...texts].filter(
      ([path, text]) => text === english.get(path) && /\p{L}/u.test(text),
    )

    assert.deepEqual(same, [])
  })
}
