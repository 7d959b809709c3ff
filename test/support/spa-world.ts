import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { serveApplication } from '../../scripts/example/application.ts'
import { choosePlaces, type Places } from '../../scripts/example/places.ts'
import { sendPage, startProvider } from '../../scripts/example/provider.ts'
import { addressSettings } from '../../scripts/example/settings.ts'
import { openOperations } from '../../src/testing/here.ts'
import { type Host, openHost } from '../../src/testing/host.ts'
import { createKit } from '../../src/testing/kit.ts'
import type { Person, TestLatchkey } from '../../src/testing/types.ts'
import { openBrowser } from './browser.ts'
import { openTab, type SpaPage } from './spa-pages.ts'

// The browser application of examples/spa, built, beside a server of `latchkey/testing`: for tests
// that move the clock, read mails and lose answers.

/** Where the application finds the API: on another origin, or at `/api` of its own. */
export type Way = 'across origins' | 'on one origin'

export type World = {
  /** The origin of the application. */
  app: string
  latchkey: TestLatchkey
  host: Host
  browser: Browser
}

const PATIENCE_MS = 10_000
const SETTINGS = { NODE_ENV: 'development', RATE_LIMITS: 'off', SIGN_IN_BY_MAIL: 'on' }
/** The weakest that production takes. */
const PRODUCTION = {
  ...{ NODE_ENV: 'production', ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' },
  SECRET: 'q3Vt8LzXw0pKf7RbN2mYc5HsJd9GaU4eTi6ZoQx1',
}
const ANY_PORTS = { port: 0, apiPort: 0, providerPort: 0 }

const ends: (() => unknown)[] = []
const worlds = new Map<Way, Promise<World>>()
let serving: Promise<unknown> = Promise.resolve()
let browser: Promise<Browser> | undefined

after(async () => {
  for (const end of ends.reverse()) await end()
})

/** One for all tests of a process; to be opened before the first of them. */
export function spaWorld(way: Way = 'across origins'): Promise<World> {
  const world = worlds.get(way) ?? openWorld(way)
  worlds.set(way, world)
  return world
}

async function openWorld(way: Way): Promise<World> {
  const hasOneOrigin = way === 'on one origin'
  const folder = ownFolder()
  const places = await choosePlaces({ ...ANY_PORTS, hasOneOrigin })
  const settings = { ...SETTINGS, ...addressSettings(places) }
  const { host, operations } = await openOperations({ port: places.ports.api, settings })
  ends.push(host.close)
  const latchkey = await createKit({ url: host.url, operations, close: host.close })
  const provider = await startProvider(places, (_, response) => sendPage(response, ''))
  ends.push(provider.close, await serve(places, { hasOneOrigin, folder }))
  return { app: places.app, latchkey, host, browser: await sharedBrowser() }
}

/** The application on one origin with a server that runs as in production. */
export async function productionWorld(): Promise<Omit<World, 'latchkey'>> {
  const folder = ownFolder()
  const places = await choosePlaces({ ...ANY_PORTS, hasOneOrigin: true })
  const settings = { ...PRODUCTION, PUBLIC_URL: places.publicUrl }
  const host = await openHost({ port: places.ports.api, settings })
  ends.push(host.close)
  ends.push(await serve(places, { hasOneOrigin: true, folder }))
  return { app: places.app, host, browser: await sharedBrowser() }
}

/** One after the other: what it serves is in the environment while it is built. */
function serve(places: Places, where: { hasOneOrigin: boolean; folder: string }) {
  const served = serving.then(() => serveApplication(places, { ...where, isBuilt: true }))
  serving = served.catch(() => undefined)
  return served
}

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-spa-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

async function sharedBrowser(): Promise<Browser> {
  browser ??= openBrowser().then((opened) => {
    ends.push(() => opened.close())
    return opened
  })
  return browser
}

/** A browser with a memory of its own, with the application in it. */
export async function newBrowser(
  { app, browser }: Pick<World, 'app' | 'browser'>,
  path = '/',
): Promise<SpaPage> {
  const context = await browser.newContext({
    ...{ locale: 'en', reducedMotion: 'reduce' },
    viewport: { width: 1280, height: 800 },
  })
  context.setDefaultTimeout(PATIENCE_MS)
  return openTab(context, app + path)
}

/** The same, with somebody signed in: a new person, or this one. */
export async function signedInBrowser(
  world: World,
  path = '/dashboard',
  person?: Person,
): Promise<{ page: SpaPage; person: Person }> {
  const somebody = person ?? (await world.latchkey.aUser())
  const page = await newBrowser(world, `/sign-in?next=${encodeURIComponent(path)}`)
  await signIn(page, somebody.username, somebody.password)
  await page.waitForURL(world.app + path)
  return { page, person: somebody }
}

/** On the page for it. */
export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await fill(page, { 'Username or e-mail address': login, Password: password })
  await page.locator('form button[type=submit]:visible').click()
}

/** Types into fields by their labels. */
export async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await labelled(page, label).fill(value)
}

/** The field with this label, whether it has to be filled in or not. */
export function labelled(page: Page, label: string): Locator {
  return page
    .getByLabel(new RegExp(`^${label}\\s*(\\(optional\\))?\\s*$`))
    .filter({ visible: true })
}

/** What is wrong with a form: the names of its fields, and what it says above them. */
export async function faults(page: Page): Promise<string[]> {
  await page.locator('[aria-invalid=true], .form-error').first().waitFor()
  const names = await page.locator('[aria-invalid=true]').evaluateAll(namesOf)
  return [...names, ...(await page.locator('.form-error').allTextContents())]
}

const namesOf = (fields: { name?: string }[]) => fields.map(({ name }) => String(name))

/** The cookie of the session, if there is one. */
export async function sessionCookie(context: BrowserContext) {
  return (await context.cookies()).find(({ name }) => name.endsWith('latchkey-refresh'))
}
