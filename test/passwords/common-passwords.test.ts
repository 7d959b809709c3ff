// runs once
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { passwordIssues } from '../../src/contract/password-policy.ts'

const OWNER = { username: 'lyshark', email: 'lyshark@example.com' }

function listed(name: string): string[] {
  const text = readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
  const passwords = text.trimEnd().split('\n')
  assert.equal(new Set(passwords).size, 200, `${name} has 200 different passwords`)
  return passwords
}

const codesOf = (password: string) =>
  passwordIssues(password, OWNER, '/password').map(({ code }) => code)

test('200 common passwords with decorations are too common', () => {
  const taken = listed('weak-passwords.txt').filter(
    (password) => !codesOf(password).includes('too_common'),
  )

  assert.deepEqual(taken, [])
})

test('200 passphrases and random passwords have no issue', () => {
  const refused = listed('good-passwords.txt').filter((password) => codesOf(password).length > 0)

  assert.deepEqual(refused, [])
})

for (const [what, weak, good] of [
  ['four digits or signs', 'giraffe12!!', 'giraffe12!!?'],
  ['four in front and behind together', '1!giraffe2!', '1!giraffe2!3'],
  ['a year beside them', '!!giraffe2026!!', '!!giraffe2126!!'],
  ['a year of the century before', '!!giraffe1987!!', '!!giraffe1887!!'],
  ['one year', '2026giraffe1!!!', '2026giraffe2026!'],
  ['signs for letters', '$un5h1n3!', '$un5h7n3!'],
  ['one sign for two letters', 'f1ower99', 'f7ower99'],
  ['no letters', 'giraffe99', 'giraffexx99'],
  ['signs around a number of four digits', '1234!!!!', '1290!!!!'],
  ['digits around a number of five', '12345999', '12349765'],
] as const) {
  test(`decorations are ${what}`, () => {
    assert.deepEqual(codesOf(weak), ['too_common'], weak)
    assert.deepEqual(codesOf(good), [], good)
  })
}
