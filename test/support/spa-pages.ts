import assert from 'node:assert/strict'
import { after } from 'node:test'
import axe from 'axe-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Route } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { type Example, exampleFolder, startExample } from './example.ts'

// The browser application of examples/spa, built, with the people of npm run example.

const PASSWORD = 'correct horse battery staple'
const PATIENCE_MS = 10_000
/** What a browser itself writes of answers and of requests that a test lets fail. */
const EXPECTED = /the server responded with a status of 4\d\d|net::ERR_/

export type Scene = {
  example: Example
  browser: Browser
  /** Where the example keeps what it serves. */
  folder: string
}

export type SpaPage = Page & {
  /** Errors of scripts, and what else the browser complains of. */
  complaints: string[]
}

/** One example and one browser for all tests of a file. */
export async function spaScene(args = ['--build']): Promise<Scene> {
  const { folder, remove } = exampleFolder()
  after(remove)
  const example = await startExample({ folder, args, env: { RATE_LIMITS: 'off' } })
  after(() => example.stop())
  const browser = await openBrowser()
  after(() => browser.close())
  return { example, browser, folder }
}

/** A browser of its own, signed in. */
export async function openSpa(
  { example, browser }: Scene,
  username: string,
  look: BrowserContextOptions = {},
): Promise<SpaPage> {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...look })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await openTab(context, `${example.app}/sign-in`)
  await page.locator('input[autocomplete~="username"]').fill(username)
  await page.locator('input[autocomplete~="current-password"]').fill(PASSWORD)
  await page.locator('form button[type=submit]').first().click()
  await page.waitForURL(`${example.app}/dashboard`)
  return page
}

/** Another page of the same browser. */
export async function openTab(context: BrowserContext, address: string): Promise<SpaPage> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (line) => {
    if (['error', 'warning'].includes(line.type()) && !EXPECTED.test(line.text()))
      complaints.push(line.text())
  })
  await page.goto(address)
  return Object.assign(page, { complaints })
}

/** Waits for a heading. */
export const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { name, exact: true }).waitFor()

export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).click()

export const follow = (page: Page, name: string | RegExp) =>
  page.getByRole('link', { name, exact: true }).click()

export const field = (page: Page, name: string | RegExp) => page.getByRole('textbox', { name })

/** Waits until the page says it in passing. */
export const said = (page: Page, text: string) =>
  page.locator('.flash-region').getByText(text).waitFor()

/** The server does the next work of this kind, and its answer is lost. */
export async function loseNextAnswer(page: Page, method: string, path: RegExp): Promise<void> {
  let isLost = false
  await page.route(path, async (route: Route) => {
    if (isLost || route.request().method() !== method) return route.continue()
    isLost = true
    await route.fetch()
    await route.abort('connectionreset')
  })
}

/** axe finds nothing, and nothing is wider than the page. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source)
  const found = (await page.evaluate('axe.run()')) as axe.AxeResults
  const wrong = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  assert.deepEqual(wrong, [], where)
  const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  assert.equal(over, 0, `${where} is wider than the page`)
}
