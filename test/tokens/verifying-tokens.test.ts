// runs once Runs the code of docs/verifying-tokens.md as it stands there, each language against the
// same tokens.
import assert from 'node:assert/strict'
import test from 'node:test'
import { startRing } from '../support/token-cases.ts'
import { languages, PAGE } from '../support/token-verifiers.ts'
import { pageAt, stepsOf } from '../support/walkthrough.ts'

test('The code of the page takes every genuine token and refuses every other one', async (t) => {
  const ring = await startRing(t)

  for (const { name, check, skip } of languages) {
    await t.test(`The code for ${name} does, token by token`, { skip }, () => check(ring))
  }
})

test('The page names every language that it has code for', () => {
  const blocks = stepsOf(pageAt(PAGE), { languages: ['python', 'js', 'go', 'java', 'sh'] })

  assert.deepEqual(
    blocks.map(({ language }) => language),
    ['sh', 'python', 'python', 'python', 'js', 'js', 'js', 'go', 'java'],
  )
})

/** How a heading is written in a link. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/[^\w-]/g, '')
}

test('The links of this page and of the one for Flask lead to files and headings', () => {
  for (const page of [PAGE, 'docs/from-flask.md']) {
    const links = pageAt(page).matchAll(/\]\((?!http)([^)#]*)#?([^)]*)\)/g)
    for (const [link, path = '', anchor = ''] of links) {
      const target = path === '' ? pageAt(page) : pageAt(`docs/${path}`)
      const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchorOf(text))
      assert.ok(anchor === '' || headings.includes(anchor), `${page} has ${link}`)
    }
  }
})
