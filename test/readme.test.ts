// Runs the walk of the README block by block, in one shell, against a started server.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'
import { pageAt, skipWithout, walk } from './walkthrough.ts'

test('The curl walk of the README prints what it says, command by command', {
  skip: skipWithout(['bash', 'curl'], "the README's walk"),
}, async (t) => {
  const { steps, folder } = await walk(t, 'README.md', { heading: 'A walk with curl' })

  assert.ok(steps.length >= 10, `found ${steps.length} steps`)
  assert.deepEqual(readdirSync(folder), [])
})

test('The files that the README names exist', () => {
  const links = [...pageAt('README.md').matchAll(/\]\((?!http)([^)#]+)\)/g)]

  assert.ok(links.length >= 5)
  for (const [, path = ''] of links) pageAt(path)
})
