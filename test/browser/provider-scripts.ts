// Runs the command lines of the pages, which sign in by a real browser (RFC 8252, 7.3): npm run
// test:browser (CHROMIUM=<path> names another).
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, type TestContext, test } from 'node:test'
import { bundledClient, bundledProviders } from '../support/client-bundle.ts'
import { ADA } from '../support/provider-clients.ts'
import { pageScene, startBrowser, stopBrowser } from '../support/provider-pages.ts'
import { pageAt, stepsOf } from '../support/walkthrough.ts'

const LOOPBACK = { RETURN_URLS: 'http://127.0.0.1/cb' }
const PATIENCE = { timeout: 10_000 }

before(startBrowser)
after(stopBrowser)

/** The script of the page, beside the client that it takes. */
async function scriptOf(t: TestContext, page: string, replaced: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-script-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [step] = stepsOf(pageAt(page), { heading: 'In a command line', languages: ['js'] })
  assert.ok(step, page)
  let { code } = step
  for (const [before, now] of Object.entries(replaced)) {
    assert.ok(code.includes(before), before)
    code = code.replaceAll(before, now)
  }
  writeFileSync(join(folder, 'client.mjs'), (await bundledClient('esm')).code)
  writeFileSync(join(folder, 'providers.mjs'), (await bundledProviders()).code)
  writeFileSync(join(folder, 'script.mjs'), code)
  return join(folder, 'script.mjs')
}

function start(t: TestContext, script: string, ...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  return child
}

/** The address that it prints, and all that it prints until it ends. */
function printedBy({ stdout }: ChildProcess) {
  assert.ok(stdout)
  const url = once(stdout, 'data').then(([chunk]) => /^Open (\S+)/.exec(String(chunk))?.[1] ?? '')
  return { url, rest: text(stdout) }
}

for (const [page, replaced] of [
  [
    'docs/client.md',
    { "'@latchkey/client'": "'./client.mjs'", "'@latchkey/client/providers'": "'./providers.mjs'" },
  ],
  ['docs/providers.md', { "'https://auth.example.org'": 'process.argv[2]', "'google'": "'real'" }],
] as const) {
  test(`The command line of ${page} signs in by a browser, and ends`, async (t) => {
    const scene = await pageScene(t, { one: ADA }, { env: LOOPBACK })
    const child = start(t, await scriptOf(t, page, replaced), scene.address, 'real')
    const ended = once(child, 'exit')
    const { url, rest } = printedBy(child)
    const { context } = await scene.openBrowserOf()
    const tab = await context.newPage()

    await tab.goto(await url)
    await tab.getByRole('link', { name: 'one' }).click()
    await tab.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/cb$/, PATIENCE)
    await tab.getByText('You can close this page.').waitFor()
    const [exitCode] = await ended

    assert.equal(exitCode, 0, await rest)
    if (page === 'docs/client.md') assert.match(await rest, /^Signed in as ada$/m)
    const [session] = await scene.server.database.client.session.findMany()
    assert.ok(session)
    assert.equal(await scene.server.database.client.session.count(), 1)
  })
}

test('A command line whose person declines says so, and fails', async (t) => {
  const replaced = {
    "'@latchkey/client'": "'./client.mjs'",
    "'@latchkey/client/providers'": "'./providers.mjs'",
  }
  const scene = await pageScene(t, { one: ADA }, { env: LOOPBACK })
  const child = start(t, await scriptOf(t, 'docs/client.md', replaced), scene.address, 'real')
  const ended = once(child, 'exit')
  const { url } = printedBy(child)
  const { context } = await scene.openBrowserOf()
  const tab = await context.newPage()

  await tab.goto(await url)
  await tab.getByRole('link', { name: 'No' }).click()
  const [exitCode] = await ended

  assert.equal(exitCode, 1)
  assert.equal(await scene.server.database.client.user.count(), 0)
})
