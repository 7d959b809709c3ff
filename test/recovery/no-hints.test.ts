// runs once
// Ways into an account that are not there: hints, secret questions (ASVS 5.0 6.4.2), and passwords
// that somebody else has chosen (6.4.6).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { COMMANDS } from '../../src/cli/commands.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const names = [...read('openapi.yaml').matchAll(/^ +(\w+):/gm)].map(([, name = '']) => name)
const columns = [...read('prisma/schema.prisma').matchAll(/^ {2}(\w+) /gm)].map(
  ([, name = '']) => name,
)

test('no request, answer or column has a hint or a secret question', () => {
  const found = [...names, ...columns].filter((name) => /hint|question/i.test(name))

  assert.ok(names.includes('newPassword') && columns.includes('passwordHash'))
  assert.deepEqual(found, [])
})

test('no command of operators takes the password of an account, but the first one of a new one', () => {
  const words = COMMANDS.flatMap((entry) => ('words' in entry ? entry.words : [entry]))
  const takes = words.filter(({ usage, options = {} }) =>
    /password/.test([usage, ...Object.keys(options)].join(' ')),
  )

  assert.ok(words.length > 20)
  assert.deepEqual(
    takes.map(({ usage }) => usage),
    ['create'],
  )
})
