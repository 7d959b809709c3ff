// runs once
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

// The words of CONTRIBUTING.md: retired ones do not return, and comments stay short.

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WIDTH = 100
/** Retired words, and what to write. */
const RETIRED: [RegExp, string][] = [
  [/\bcures?\b/i, 'fix'],
  // The paths of the control port, which inject them, are `/faults/…`.
  [/(?<!\/)\bfaults?\b/i, 'error, issue or bug'],
  // Keys of Redis are derived from this text.
  [/(?<!'latchkey )\bbudgets\b/i, 'rate limits'],
  [/\bthe own\b/i, 'its own, or your'],
  [/\b(token|session|window|lock|lease)s? (is|are) over\b/i, 'expires or ends'],
  [/\banew\b/i, 'again'],
  [/\bin place of\b/i, 'instead of'],
  [/\bunder way\b/i, 'in progress, or running'],
  [/\b(tried|tries|try it) again later\b|\btried anew\b/i, 'retry'],
  [/\b(gives?|given|giving) back\b/i, 'refund'],
  [/\bspent\b/i, 'used'],
  [/\b(goes|go|going) on\b/i, 'continues'],
  [/\bmend(s|ed)?\b/i, 'fix'],
  [/\bas it came\b/i, 'as received'],
  [/\bsiblings?\b/i, 'worker'],
  [/\bwhoever\b/i, 'a user who, or anyone who'],
  [/\bwhatever\b/i, 'any, or name what'],
  [/(?<!\bthere )\b(is|are) no (?!longer\b|more\b)/i, 'is not'],
]

test('no retired word is in sources, pages or names of tests', () => {
  const names = tests().map(([file, text]) => [file, namesIn(text).join('\n')] as const)

  assert.deepEqual([...sources(), ...pages(), ...names].flatMap(retiredWords), [])
})

test('a retired word is named with its line and the word to use', () => {
  const text = 'one\n// the own cure\nconst faultless = 1\nThere is no fix'

  assert.deepEqual(retiredWords(['a.ts', text]), [
    'a.ts:2 "cure": write fix',
    'a.ts:2 "the own": write its own, or your',
  ])
  assert.deepEqual(namesIn("test('a', 1)\n  await t.test(\n    `b`, fault)"), 'a\n\nb'.split('\n'))
})

test('no comment is wider than 100 columns', () => {
  const wide = ([file, text]: Text) =>
    text.split('\n').flatMap((line, index) => (isWide(line) ? [`${file}:${index + 1}`] : []))

  assert.deepEqual([...sources(), ...tests()].flatMap(wide), [])
  const planted = `${'x'.repeat(95)}\n// ${'x'.repeat(98)}\n/** ${'x'.repeat(97)} */`
  assert.deepEqual(wide(['a.ts', planted]), ['a.ts:2', 'a.ts:3'])
})

test('comments are 5 to 12 percent of each part of src, and at most 16 of a folder', () => {
  const folders = [...new Set(sources().map(([file]) => dirname(file)))]
  // Catalogues are texts: what a name does not say, the English text does.
  const parts = folders.filter((folder) => /^src\/(?!languages$)[^/]+$/.test(folder))

  assert.deepEqual(parts.flatMap(outside(sources(), 5, 12)), [])
  assert.deepEqual(folders.flatMap(outside(sources(), 0, 16)), [])
  const planted = (text: string) => ['src/a'].flatMap(outside([['src/a/b.ts', text]], 5, 12))
  assert.deepEqual(planted(`/**\n * a\n */\n${'b\n\n'.repeat(17)}`), ['src/a: 15 % comments'])
  assert.deepEqual(planted('b // a\n'.repeat(9)), ['src/a: 0 % comments'])
  assert.deepEqual(planted(`// a\n${'b\n'.repeat(9)}`), [])
})

type Text = readonly [file: string, text: string]

function files(folder: string, name: RegExp): Text[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((file) => name.test(file) && !/(^|\/)(generated|node_modules)\//.test(file))
    .map((file) => [join(folder, file), readFileSync(join(ROOT, folder, file), 'utf8')])
}

const sources = () => files('src', /\.ts$/)
const tests = () => files('test', /\.ts$/)

/** Pages that a command writes have their texts in its sources. */
function pages(): Text[] {
  const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'] as const
  const unreleased = (text: string) => text.split(/^## \[(?!Unreleased)/m)[0] ?? ''
  return [
    ...files('docs', /\.md$/).filter(([, text]) => !/<!-- (Written by|End of the)/.test(text)),
    ...top.map((file) => [file, unreleased(readFileSync(join(ROOT, file), 'utf8'))] as const),
  ]
}

/** The name of each test on its line; the other lines are empty. */
function namesIn(text: string): string[] {
  const lines = text.split('\n').map(() => '')
  for (const { index, 1: name } of text.matchAll(/\b(?:test|it|describe)\(\s*['"`](.*)/g)) {
    const start = index + text.slice(index).search(/['"`]/)
    lines[text.slice(0, start).split('\n').length - 1] = name?.split(/['"`],/)[0] ?? ''
  }
  return lines
}

function retiredWords([file, text]: Text): string[] {
  return text.split('\n').flatMap((line, index) =>
    RETIRED.flatMap(([pattern, better]) => {
      const found = pattern.exec(line)?.[0]
      return found === undefined ? [] : [`${file}:${index + 1} "${found}": write ${better}`]
    }),
  )
}

const isComment = (line: string) => /^\s*(\/\/|\/\*|\*)/.test(line)
const isWide = (line: string) => isComment(line) && line.length > WIDTH

/** The share of comments in a folder and the folders below it, where it is out of bounds. */
function outside(texts: Text[], least: number, most: number) {
  return (folder: string): string[] => {
    const own = texts.filter(([file]) => file.startsWith(`${folder}/`))
    const lines = own.flatMap(([, text]) => text.split('\n').filter((line) => line.trim() !== ''))
    const share = (100 * lines.filter(isComment).length) / lines.length
    return share < least || share > most ? [`${folder}: ${Math.round(share)} % comments`] : []
  }
}
