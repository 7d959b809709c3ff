// Tries built applications of Next.js, SvelteKit and Nuxt in a browser: npm run test:rendering --
// [name …] It installs the frameworks from the registry of npm, so it is no part of npm test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../support/browser.ts'
import { call, launch, type ServerProcess } from '../support/process.ts'
import { APPLICATIONS, type ApplicationName, build, layClient, start } from './applications.ts'
import { type Check, checksOf } from './rounds.ts'

const PASSWORD = 'correct horse battery staple'

const wanted = process.argv.slice(2)
const names = APPLICATIONS.filter((name) => wanted.length === 0 || wanted.includes(name))
const counts = { passed: 0, failed: 0 }
const folder = mkdtempSync(join(tmpdir(), 'latchkey-rendering-'))
const began = Date.now()

const say = (text: string) =>
  console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}`)

try {
  await layClient(folder)
  const built = await buildAll()
  const latchkey = await launch({
    url: `file:${join(folder, 'latchkey.db')}`,
    env: { ACCESS_TOKEN_TTL: '3s', TRUST_PROXY: '127.0.0.1,::1', LOG_LEVEL: 'info' },
  })
  const browser = await openBrowser()
  // Most of it is waiting for tokens to expire.
  await Promise.all(built.map((name) => tryOut(name, latchkey, browser)))
  await browser.close()
  await latchkey.stop()
} catch (error) {
  fail('the run', error)
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1)

/** One after the other: each takes all that the machine has. */
async function buildAll(): Promise<ApplicationName[]> {
  const built: ApplicationName[] = []
  for (const name of names) {
    try {
      await build(name, folder)
      built.push(name)
      say(`${name} is built`)
    } catch (error) {
      fail(`${name} is built`, error)
    }
  }
  return built
}

async function tryOut(
  name: ApplicationName,
  latchkey: ServerProcess,
  browser: Browser,
): Promise<void> {
  const application = await start(name, folder, latchkey.base).catch((error) =>
    fail(`${name} starts`, error),
  )
  if (!application) return
  try {
    const username = `${name}-reader`
    const person = { username, password: PASSWORD }
    const body = { ...person, email: `${username}@example.com` }
    await call(latchkey, 'POST', '/register', { body })
    for (const check of await checksOf(browser, application.origin, person))
      if (!(await passes(name, check)))
        return console.log(`${application.output()}\n${latchkey.output().slice(-3000)}`)
  } catch (error) {
    fail(name, error)
  } finally {
    await application.stop()
  }
}

async function passes(name: ApplicationName, [what, run]: Check): Promise<boolean> {
  try {
    await run()
    counts.passed++
    say(`${name}: ${what}`)
    return true
  } catch (error) {
    fail(`${name}: ${what}`, error)
    return false
  }
}

function fail(what: string, error: unknown): undefined {
  counts.failed++
  say(`FAILED  ${what}\n${error instanceof Error ? error.message : error}`)
}
