// runs once Code that is made from the document compiles its patterns without flags, or with others
// than the server's.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { parse } from 'yaml'
import { fileText } from '../support/reference.ts'
import { skipWithout } from '../support/walkthrough.ts'

/**
 * What tells the readings of a pattern apart: characters of two code units, and what some flags
 * escape.
 */
const PROBES = [
  ...[
    '',
    'a',
    'A-1',
    '_',
    '.',
    '-',
    '20',
    '100',
    '"1"',
    'W/"1", "2"',
    '*',
    'a@b.cd',
    'ſ',
    'K',
    'İ',
  ],
  ...[
    '🐴',
    '🐴🔋📎',
    'größe',
    '海景花园',
    'e\u0301',
    '\u0000',
    '\u00a0',
    'p{Cs}',
    'P{Cs}',
    'x@🐴.de',
  ],
]

type Pattern = { place: string; pattern: string; examples: string[] }
type Node = Record<string, unknown>

/** Every pattern below a part of the document, with the examples beside it. */
function patternsIn(node: unknown, place = ''): Pattern[] {
  if (typeof node !== 'object' || node === null) return []
  const { pattern, examples = [] } = node as Node
  const own =
    typeof pattern === 'string' ? [{ place, pattern, examples: examples as string[] }] : []
  return [
    ...own,
    ...Object.entries(node).flatMap(([name, inner]) => patternsIn(inner, `${place}/${name}`)),
  ]
}

const patterns = patternsIn(parse(fileText()))

function compiled(pattern: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(pattern, flags)
  } catch (error) {
    // Node 18 and older know no flag v.
    if (String(error).includes('Invalid flags')) return undefined
    throw error
  }
}

/** What a pattern says of each text. */
const verdictsOf = ({ examples }: Pattern, matches: (text: string) => boolean) =>
  [...examples, ...PROBES].map((text) => `${JSON.stringify(text)} ${matches(text)}`)

test('every pattern of the document means the same without a flag, with u and with v', () => {
  assert.ok(patterns.length > 20)
  for (const one of patterns) {
    const bare = new RegExp(one.pattern)
    const expected = verdictsOf(one, (text) => bare.test(text))
    for (const flags of ['u', 'v']) {
      const other = compiled(one.pattern, flags)
      if (other === undefined) continue
      const verdicts = verdictsOf(one, (text) => other.test(text))
      assert.deepEqual(verdicts, expected, `${one.place} ${one.pattern} with ${flags}`)
    }
    for (const example of one.examples) assert.match(example, bare, one.place)
  }
})

const PYTHON = `
import json, re, sys
print(json.dumps([[bool(re.search(pattern, text)) for text in texts] for pattern, texts in json.load(sys.stdin)]))
`

test('every pattern of the document means the same to Python', {
  skip: skipWithout(['python3'], 'patterns in Python'),
}, () => {
  const tasks = patterns.map(({ pattern, examples }) => [pattern, [...examples, ...PROBES]])

  const { stdout, stderr } = spawnSync('python3', ['-c', PYTHON], {
    input: JSON.stringify(tasks),
    encoding: 'utf8',
  })

  assert.equal(stderr, '')
  const said: boolean[][] = JSON.parse(stdout)
  for (const [index, one] of patterns.entries()) {
    const bare = new RegExp(one.pattern)
    const texts = [...one.examples, ...PROBES]
    const expected = texts.map((text) => bare.test(text))
    assert.deepEqual(said[index], expected, `${one.place} ${one.pattern}`)
  }
})
