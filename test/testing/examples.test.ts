// runs once
// The examples of docs/testing.md: the page shows the files, and the files run.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { installedChromium, skipWithoutChromium } from '../support/browser.ts'
import { pageAt, skipWithout } from '../support/walkthrough.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'examples/testing')
/** What the page does not show, since nobody would copy it as it is. */
const NOT_SHOWN = ['go.mod', 'playwright.config.ts']
const MOST_MS = 200_000
/** Other tests may keep the machine busy. */
const PATIENT = ['--hookTimeout=120000', '--testTimeout=120000']

const run = promisify(execFile)

// They import what is built.
before(() => void execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')]))

/** Runs a program in the folder of the examples. @throws Error with all that it prints */
async function runThere(program: string, args: string[], env: Record<string, string> = {}) {
  // Or `node --test` would report to the runner of this test.
  const { NODE_TEST_CONTEXT: _, ...own } = process.env
  const options = {
    ...{ cwd: FOLDER, timeout: MOST_MS, encoding: 'utf8' as const },
    env: { ...own, LATCHKEY: ROOT, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
  }
  const { stdout, stderr } = await run(program, args, options).catch((error) =>
    assert.fail(`${program} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`),
  )
  return `${stdout}${stderr}`
}

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-examples-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('docs/testing.md shows the examples as they are', () => {
  const page = pageAt('docs/testing.md')
  const files = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_SHOWN.includes(entry.name))
    .map(({ name }) => name)

  assert.ok(files.length >= 8, String(files))
  for (const name of files) {
    const shown = `(../examples/testing/${name}):\n\n\`\`\``
    const [, code = ''] = page.split(shown)
    const text = code.slice(code.indexOf('\n') + 1)
    const own = readFileSync(join(FOLDER, name), 'utf8')
    assert.ok(text.startsWith(`${own}\`\`\``), `the page does not show examples/testing/${name}`)
  }
})

test('the example of node:test passes', async () => {
  const said = await runThere(process.execPath, ['--test', '--test-reporter=tap', 'node.test.mjs'])

  assert.match(said, /^# pass 3$/m)
})

test('the example of Vitest passes', async () => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const said = await runThere(process.execPath, [vitest, 'run', ...PATIENT])

  assert.match(said, /Tests\s+2 passed/)
})

test('the example of Playwright passes', {
  skip: skipWithoutChromium('the example of Playwright'),
}, async (t) => {
  const playwright = join(ROOT, 'node_modules/@playwright/test/cli.js')
  const args = [playwright, 'test', '--output', scratch(t)]
  const said = await runThere(process.execPath, args, { CHROMIUM: installedChromium() })

  assert.match(said, /2 passed/)
})

test('the example of Cypress compiles; its program is not on npm', () => {
  for (const name of ['cypress.config.ts', 'cypress.cy.ts']) {
    const { code } = transformSync(readFileSync(join(FOLDER, name), 'utf8'), { loader: 'ts' })
    assert.notEqual(code, '')
  }
  const called = [...textOf('cypress.cy.ts').matchAll(/cy\.task(?:<[^>]*>)?\('(\w+)'/g)]
  const config = textOf('cypress.config.ts')
  assert.ok(called.length > 2)
  for (const [, name] of called) assert.match(config, new RegExp(`^ +${name}: `, 'm'))
})

const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

test('the example in Python passes', {
  skip: skipWithout(['python3'], 'the example in Python'),
}, async () => {
  const env = { PYTHONDONTWRITEBYTECODE: '1' }
  const said = await runThere('python3', ['-m', 'unittest', 'test_latchkey'], env)

  assert.match(said, /Ran 3 tests/)
})

test('the example in Go passes', { skip: skipWithoutGo() }, async (t) => {
  const said = await runThere('go', ['test', '-count=1', '-v', './...'], {
    ...{ GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    GOCACHE: process.env.GOCACHE ?? scratch(t),
  })

  assert.equal([...said.matchAll(/^--- PASS/gm)].length, 2, said)
})

/** Go has no `--version`. */
function skipWithoutGo(): string | false {
  try {
    execFileSync('go', ['version'])
    return false
  } catch {
    if (process.env.REQUIRE_GO === '1') return false
    console.error('NOT TESTED: the example in Go needs go; install go to run it.')
    return 'needs go (Debian: apt-get install golang-go)'
  }
}
