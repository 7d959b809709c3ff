// runs once
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { pageAt } from '../support/walkthrough.ts'

// What holds for every page in Markdown: prose is wrapped, and links lead somewhere.

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WIDTH = 120
const FOLDERS = ['.', 'docs', 'client', 'examples', 'bench/peers']
/** Written by a command, which has its own lines. */
const GENERATED = /^<!-- Written by "npm run/m

const pages = FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

test('Prose in Markdown is wrapped at 120 columns', () => {
  const long = pages
    .filter((page) => !GENERATED.test(pageAt(page)))
    .flatMap((page) => longLinesOf(page).map((line) => `${page}: ${line.slice(0, 60)}…`))

  assert.deepEqual(long, [], 'Wrap these lines. Code, tables and links may be longer.')
})

test('Every link between pages leads to a file, and every anchor to a heading', () => {
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  )

  assert.deepEqual(broken, [])
})

function longLinesOf(page: string): string[] {
  return proseOf(page)
    .split('\n')
    .filter((line) => line.length > WIDTH && !isTable(line) && !isLinks(line))
}

function isTable(line: string): boolean {
  return /^\s*\|/.test(line)
}

/** Little is left without the links, as in a table of contents. */
function isLinks(line: string): boolean {
  return line.replace(/\[[^\]]*\]\([^)]*\)|[-·:\s]/g, '').length < WIDTH / 3
}

function proseOf(page: string): string {
  return pageAt(page).replace(/^( *)```.*?^\1```$/gms, '')
}

function linksOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, link = '']) => link)
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(ROOT, file))) return false
  return anchor === undefined || anchorsOf(file).includes(anchor)
}

/** How GitHub makes the anchors of headings. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\s-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
