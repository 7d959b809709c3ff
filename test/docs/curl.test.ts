// Runs docs/curl.md block by block, in one shell, against a started server.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'
import { pageAt, skipWithout, walk } from '../support/walkthrough.ts'

const PAGE = 'docs/curl.md'

test('The curl cookbook prints what it says, command by command, and leaves nothing behind', {
  skip: skipWithout(['bash', 'curl'], 'the curl cookbook'),
}, async (t) => {
  const { steps, folder, server } = await walk(t, PAGE)

  const accounts = await server.database.client.user.count()
  assert.ok(steps.length >= 40, `found ${steps.length} steps`)
  assert.deepEqual(readdirSync(folder), [])
  assert.equal(accounts, 0)
})

test('The contents of the curl cookbook lead to each of its sections, in order', () => {
  const page = pageAt(PAGE)
  const headings = [...page.matchAll(/^###? (.+)$/gm)].map(([, title = '']) => anchorOf(title))
  const links = [...page.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor)
  const contents = links.slice(0, headings.length)

  assert.deepEqual(contents, headings)
  assert.deepEqual(
    links.filter((anchor) => !headings.includes(anchor)),
    [],
  )
})

test('The pages that the curl cookbook names exist', () => {
  const links = [...pageAt(PAGE).matchAll(/\]\(([\w-]+\.md)\)/g)]

  assert.ok(links.length >= 2)
  for (const [, name = ''] of links) pageAt(`docs/${name}`)
})

/** How GitHub makes the anchor of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')
}
