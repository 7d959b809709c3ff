import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { until } from './until.ts'

// A real browser for tests: the Chromium that is installed, which loads nothing but what a test
// asks for.

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * It asks nothing of the internet by itself. The sandbox is for foreign pages, and containers have
 * none.
 */
export const QUIET_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** No name leads anywhere but to this machine. */
const OFFLINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'

/** The browser that `CHROMIUM` names, or the first that is installed. */
function chromiumPath(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env
  const places = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)))
  return (CHROMIUM ? [CHROMIUM] : places).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * A test's `skip` where no browser is installed, said aloud; with `REQUIRE_CHROMIUM=1` it fails
 * instead.
 */
export function skipWithoutChromium(what: string): string | false {
  if (chromiumPath() !== undefined || process.env.REQUIRE_CHROMIUM === '1') return false
  console.error(
    `NOT TESTED: ${what} needs Chromium; install it, or set CHROMIUM to the path of one.`,
  )
  return 'needs Chromium (Debian: apt-get install chromium)'
}

/** @throws Error where no browser is installed */
export function installedChromium(): string {
  const path = chromiumPath()
  if (path === undefined)
    throw new Error(
      'no Chromium is installed (Debian: apt-get install chromium); or set CHROMIUM=<path>',
    )
  return path
}

/** The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = installedChromium()
  return chromium.launch({ executablePath, args: [...QUIET_FLAGS, OFFLINE] })
}

export type WatchedPage = {
  page: Page
  /** The addresses that it asked for at any other origin, none of which it got. */
  foreign: string[]
  /** What the browser and the page say of errors and of what the policy of the page forbids. */
  complaints: string[]
}

/** An empty page with a memory of its own, for one origin. */
export async function openPage(browser: Browser, origin: string): Promise<WatchedPage> {
  // Small and without movement, which saves most of the drawing.
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 800, height: 500 },
  })
  const foreign: string[] = []
  const complaints: string[] = []
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      foreign.push(route.request().url())
      return route.abort()
    },
  )
  await context.addInitScript({
    content: `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error('forbidden by ' + violatedDirective + ': ' + blockedURI))`,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  return { page, foreign, complaints }
}

/** Longer than a page needs on a machine that does other work, too. */
const TRUE_MS = 30_000

/**
 * Waits until `expression` is true in the page. Playwright's `waitForFunction` takes a text at its
 * first look only: later it calls `eval`, which a page's Content Security Policy forbids.
 * @throws Error if it is not true in time
 */
export async function untilTrue(page: Page, expression: string, limitMs = TRUE_MS): Promise<void> {
  await until(() => isTrue(page, expression), limitMs, expression)
}

async function isTrue(page: Page, expression: string): Promise<boolean> {
  try {
    return Boolean(await page.evaluate(`Boolean(${expression})`))
  } catch (error) {
    // The page has gone to another while it was asked.
    if (String(error).includes('context was destroyed')) return false
    throw error
  }
}
