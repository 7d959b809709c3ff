// runs once
// Runs the walk of docs/getting-started.md in one shell, and holds what README.md promises.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'
import { pageAt, skipWithout, walk } from '../support/walkthrough.ts'

const SCREEN_LINES = 45

test('The curl walk of the first page prints what it says, command by command', {
  skip: skipWithout(['bash', 'curl'], 'the walk of docs/getting-started.md'),
}, async (t) => {
  const { steps, folder } = await walk(t, 'docs/getting-started.md', {
    heading: 'A walk with curl',
  })

  assert.ok(steps.length >= 10, `found ${steps.length} steps`)
  assert.deepEqual(readdirSync(folder), [])
})

test('The README fits on one screen', () => {
  const lines = pageAt('README.md').trimEnd().split('\n')

  assert.ok(lines.length <= SCREEN_LINES, `README.md has ${lines.length} lines`)
})

test('The list of pages names every page in docs/', () => {
  const pages = readdirSync(new URL('../../docs/', import.meta.url))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
  const named = [...pageAt('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(
    ([, name = '']) => name,
  )

  assert.deepEqual([...new Set(named)].sort(), pages)
})
