import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { firstIdAt, type UserId } from '../../src/platform/ids.ts'
import { languages, say } from './admin-words.ts'
import { openBrowser } from './browser.ts'
import { PASSWORD, type Person, signedIn, signedUp } from './factories.ts'
import { freePort } from './free-port.ts'
import { startServer, type TestServer } from './helper.ts'

// The page for administrators in a real browser, on a server that has people.

/** A name that does harm where a page takes text for HTML. */
export const HTML_NAME = '<img src=x onerror=alert(1)>'

export type AdminScene = {
  test: TestContext
  server: TestServer
  browser: Browser
  /** Of the page. */
  address: string
  admin: Person
  people: Person[]
}

/**
 * @param names of the accounts beside the administrator, who is called ada
 * @param path of PUBLIC_URL
 */
export async function adminScene(
  t: TestContext,
  names: string[] = [],
  path = '',
): Promise<AdminScene> {
  const port = await freePort()
  const origin = `http://localhost:${port}${path}`
  const server = await startServer(t, { env: { PUBLIC_URL: origin, RATE_LIMITS: 'off' } })
  await server.app.listen({ port, host: '127.0.0.1' })
  const admin = await signedUp(server, { username: 'ada', email: 'ada@example.com' })
  await server.database.client.user.update({
    where: { id: admin.user.id },
    data: { role: 'admin', emailVerified: true },
  })
  const people: Person[] = []
  for (const username of names) people.push(await signedUp(server, { username }))
  const browser = await openBrowser()
  t.after(() => browser.close())
  return { test: t, server, browser, address: `${origin}/admin`, admin, people }
}

/** Gives an account a username that no registration would take. */
export async function rename(server: TestServer, id: string, username: string): Promise<void> {
  const usernameKey = username.toLowerCase()
  await server.database.client.user.update({ where: { id }, data: { username, usernameKey } })
}

export type WatchedPage = Page & {
  /** Errors of scripts, what the policy of the page forbids, and dialogs of the browser. */
  complaints: string[]
}

/** Half of the cumulative layout shift that counts as good (web.dev). */
const MOST_SHIFT = 0.05
const PATIENCE_MS = 10_000
/** What a browser itself writes of answers that the page expects. */
const EXPECTED = /the server responded with a status of (400|401|404|409|412|422) /

/** Opens the page, and signs in where there is a person. */
export async function openAdmin(
  { test, browser, address }: AdminScene,
  look: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const language = languages.get(test) ?? 'en'
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: language,
    ...look,
  })
  languages.set(context, language)
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('console', (line) => {
    if (['error', 'warning'].includes(line.type()) && !EXPECTED.test(line.text()))
      complaints.push(line.text())
  })
  await page.addInitScript({ content: WATCH })
  await page.goto(address)
  return Object.assign(page, { complaints })
}

/**
 * Runs in the page before its own script. The browser forgives what moves within 0.5 s of an input.
 * The answer to a change counts as its input, since a busy machine gives it later.
 */
const WATCH = `window.shifted = 0
const answers = []
const ask = fetch
window.fetch = async (address, options = {}) => {
  const answer = await ask(address, options)
  if (!['GET', undefined].includes(options.method)) answers.push(performance.now())
  return answer
}
new PerformanceObserver((list) => {
  for (const { startTime, value, hadRecentInput } of list.getEntries())
    if (!hadRecentInput && !answers.some((at) => startTime >= at && startTime <= at + 500))
      shifted += value
}).observe({ type: 'layout-shift', buffered: true })
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('forbidden by ' + violatedDirective + ': ' + blockedURI))`

/** Fills the form of the sign-in. */
export async function fillSignIn(page: Page, username = 'ada'): Promise<void> {
  await page.getByRole('textbox', { name: say(page, 'Username or e-mail') }).fill(username)
  await page.getByRole('textbox', { name: say(page, 'Password') }).fill(PASSWORD)
  await press(page, 'Sign in')
}

/** Signs in with a password alone, and waits for the summary. */
export async function signIn(page: Page): Promise<void> {
  await fillSignIn(page)
  await heading(page, 'Summary')
}

/** Waits for a heading. */
export const heading = (page: Page, name: string) =>
  page.getByRole('heading', { name: say(page, name) }).waitFor()

/** Waits until the page says it at the bottom. */
export const said = (page: Page, text: string) =>
  page.locator('#toast').getByText(say(page, text)).waitFor()

export const press = (page: Page, name: string) =>
  page.getByRole('button', { name: say(page, name), exact: true }).click()

/** Moves the focus with the keyboard until it is on something of this name. */
export async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press(key)
    const text = await page.evaluate(
      `(({ labels, textContent }) => (labels?.[0] ?? { textContent }).textContent)(document.activeElement)`,
    )
    if (String(text).startsWith(say(page, name))) return
  }
  throw new Error(`no way to ${name} with ${key}`)
}

/** Goes to a page by its address. */
export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
}

/** Sessions, failures and changes of the last day, so that lists and plots have something. */
export async function live({ server, people }: AdminScene): Promise<void> {
  for (const person of people) await signedIn(server, person)
  for (const { username } of people.slice(0, 2))
    await server.inject({
      method: 'POST',
      url: '/login',
      payload: { username, password: 'a wrong guess' },
    })
  await server.services.audit.written()
  const { client } = server.database
  const rows = await client.auditEvent.findMany()
  for (const [index, { id, at }] of rows.entries()) {
    const earlier = +at - ((index * 7) % 24) * 3_600_000
    await client.auditEvent.update({
      where: { id },
      // The summary finds events by the time in their ids.
      data: { at: new Date(earlier), id: `${firstIdAt(earlier)}${id.slice(13)}` },
    })
  }
}

export const idOf = (person: Person | undefined) => person?.user.id as UserId

/** Accounts for lists. */
export const NAMES = ['grace', 'alan', 'barbara', 'edsger', 'frances', 'radia']

/** Nothing moved by itself, and the browser complained of nothing. */
export async function assertCalm(page: WatchedPage): Promise<void> {
  assert.deepEqual(page.complaints, [])
  const shifted = Number(await page.evaluate('shifted'))
  assert.ok(shifted < MOST_SHIFT, `shifted by ${shifted}`)
}

/** Opens the page of one of the accounts, as somebody who has signed in. */
export async function openUser(scene: AdminScene, index = 0): Promise<WatchedPage> {
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, `#/users/${idOf(scene.people[index])}`)
  await heading(page, scene.people[index]?.username ?? '')
  return page
}

/** The row of one of the accounts. */
export const userOf = ({ server, people }: AdminScene, index = 0) =>
  server.database.client.user.findUnique({ where: { id: idOf(people[index]) } })
