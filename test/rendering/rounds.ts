import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Browser, BrowserContext, Page } from 'playwright-core'

// What a person does with an application: signs in, opens tabs while tokens expire, signs out, goes
// back.

const ROUNDS = 20
const FETCHES = 8
const PATIENCE_MS = 20_000
const TRIES = 3
const ACCESS_COOKIE = 'session-access'

export type Person = { username: string; password: string }
export type Check = readonly [name: string, run: () => Promise<void>]

/** The checks of one application, in order; each builds on the one before. */
export async function checksOf(
  browser: Browser,
  origin: string,
  { username, password }: Person,
): Promise<readonly Check[]> {
  const context = await browser.newContext({ userAgent: 'Rendering test' })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const heading = `Signed in as ${username}`
  const headings = { [`${origin}/`]: heading, [`${origin}/devices`]: `Devices of ${username}` }
  const expired = new Set<string>()

  async function signIn(withPassword: string): Promise<void> {
    await page.goto(`${origin}/`)
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password').fill(withPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  async function round(): Promise<void> {
    const last = await accessCookieGone(context)
    if (last) expired.add(last)
    const tabs = await Promise.all(
      Object.entries(headings).map(async ([address, expected]) => {
        const tab = await openTab(context, address)
        await shows(tab, address, expected)
        return tab
      }),
    )
    await accessCookieGone(context)
    const names = () => page.evaluate(fetchNames, FETCHES)
    await settles(names, Array(FETCHES).fill(username))
    await page.reload()
    await shows(page, `${origin}/`, heading)
    await Promise.all(tabs.map((tab) => tab.close()))
  }

  const checks: Check[] = [
    [
      'refuses a wrong password',
      async () => {
        await signIn('wrong')
        await page.getByText('is wrong').waitFor()
      },
    ],
    [
      'signs in',
      async () => {
        await signIn(password)
        await page.getByRole('heading', { name: heading }).waitFor()
      },
    ],
    ...Array.from({ length: ROUNDS }, (_, index) => [`round ${index + 1}`, round] as const),
    [
      'has refreshed in the rounds',
      async () => assert.ok(expired.size >= ROUNDS / 2, `${expired.size} access tokens expired`),
    ],
    [
      'tells Latchkey of the browser',
      async () => {
        await page.goto(`${origin}/devices`)
        await shows(page, `${origin}/devices`, `Devices of ${username}`)
        await page.getByText('Rendering test at 127.0.0.1 (this one)').waitFor()
        await page.goto(`${origin}/`)
        await shows(page, `${origin}/`, heading)
      },
    ],
    [
      'signs out after the access token expired',
      async () => {
        await accessCookieGone(context)
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
        const names = (await context.cookies(origin)).map(({ name }) => name)
        assert.deepEqual(
          names.filter((name) => name.startsWith('session-')),
          [],
        )
      },
    ],
    [
      'shows nothing private when going back',
      async () => {
        await page.goBack()
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
        await context.close()
      },
    ],
  ]
  return checks.map(([name, run]) => [name, () => run().catch((error) => explain(page, error))])
}

/** @throws the error, with what the page shows */
async function explain(page: Page, error: Error): Promise<never> {
  const text = await page
    .locator('body')
    .textContent()
    .catch(() => '')
  error.message += `\n${page.url()} shows: ${text}`
  throw error
}

/** Waits until the browser has let go of the access token. @returns what it was last */
async function accessCookieGone(context: BrowserContext): Promise<string | undefined> {
  let last: string | undefined
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(50)) {
    const now = Date.now() / 1000
    const cookies = await context.cookies()
    const found = cookies.find(({ name, expires }) => name === ACCESS_COOKIE && expires > now)
    if (!found) return last
    last = found.value
  }
  throw new Error('the access cookie does not expire')
}

async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const tab = await context.newPage()
  await tab.goto(address)
  return tab
}

/**
 * Waits for a heading, and opens the address again where there is another one: on a busy machine a
 * token of 3 s expires while a page is rendered. A session that was lost does not come back by
 * that.
 */
async function shows(page: Page, address: string, heading: string): Promise<void> {
  let isFirst = true
  const look = async () => {
    if (!isFirst) await page.goto(address)
    isFirst = false
    return page.getByRole('heading').first().textContent()
  }
  await settles(look, heading)
}

async function settles<T>(look: () => Promise<T>, expected: T): Promise<void> {
  let seen = await look()
  for (let tries = 1; tries < TRIES && !isDeepStrictEqual(seen, expected); tries++)
    seen = await look()
  assert.deepEqual(seen, expected)
}

/** Runs in the page: as many requests at once, and whom each found signed in. */
async function fetchNames(count: number): Promise<string[]> {
  const answers = Array.from({ length: count }, async () => {
    const response = await fetch('/api/me')
    const { username } = (await response.json()) as { username?: string }
    return username ?? `nobody (${response.status})`
  })
  return Promise.all(answers)
}
