import * as OTPAuth from 'otpauth'
import type { Page } from 'playwright-core'
import { untilTrue } from './browser.ts'
import { addAuthenticator } from './browser-passkeys.ts'
import { allLooks, type Look, type Who } from './spa-looks.ts'
import { openSpa, openTab, type Scene, type SpaPage } from './spa-pages.ts'
import { addPasskey, signInWithApp } from './spa-states.ts'

// Goes through all looks of the application, each person in a browser of its own.

const PATIENCE_MS = 30_000
const SIZE = { width: 360, height: 740 }

export type Visits = { people: Record<Who, SpaPage>; looks: Look[] }

/** Signs everybody in, and finds out what there is to see. */
export async function openVisits(scene: Scene): Promise<Visits> {
  const people = {
    guest: await openGuest(scene),
    hedy: await openSpa(scene, 'hedy', { viewport: SIZE }),
    ada: await openSpa(scene, 'ada', { viewport: SIZE }),
    alan: await openAlan(scene),
  }
  const first = async (list: string, selector: string) => {
    await visit(people.ada, list)
    return (
      (await people.ada.locator(selector).first().getAttribute('href'))?.split('/').at(-1) ?? ''
    )
  }
  const note = await first('/notes', '.list a')
  const house = await first('/houses?mine=yes', '.list a')
  const foreign = await first('/houses', '.list li:not(:has(.badge)) a')
  return { people, looks: allLooks({ note, house, foreign }) }
}

async function openGuest({ browser, example }: Scene): Promise<SpaPage> {
  const context = await browser.newContext({
    locale: 'en',
    reducedMotion: 'reduce',
    viewport: SIZE,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  return openTab(context, example.app)
}

/** With the code that the page of the demo provider shows, and then a passkey, too. */
async function openAlan(scene: Scene): Promise<SpaPage> {
  const page = await openGuest(scene)
  await visit(page, '/sign-in')
  await signInWithApp(page)
  await page.locator('.code-input').fill(await codeOfApp(scene))
  await page.locator('main:has(.code-input) form .button-main').click()
  await page.waitForURL('**/dashboard')
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  await addAuthenticator(devTools)
  await visit(page, '/account/sign-in')
  await addPasskey(page)
  await page.locator('dialog [type=submit]').click()
  await page.locator('dialog').waitFor({ state: 'detached' })
  return page
}

async function codeOfApp({ example }: Scene): Promise<string> {
  const text = await (await fetch(example.provider)).text()
  return OTPAuth.URI.parse(
    /otpauth:[^<]+/.exec(text)?.[0].replaceAll('&amp;', '&') ?? '',
  ).generate()
}

/** The page is there, and nothing on it is loading any more. */
export async function settle(page: Page, what = 'main#main h1'): Promise<void> {
  await page.locator(what).filter({ visible: true }).first().waitFor()
  await untilTrue(page, '!document.querySelector("[aria-busy=true]")')
}

/** Opens an address as a link does, without a new document, and from another page. */
export async function visit(page: Page, address: string): Promise<void> {
  const here = new URL(page.url()).pathname
  const other = ['/account-deleted', '/goodbye'].find((path) => path !== here && path !== address)
  for (const path of [other ?? '/', address]) {
    await page.evaluate(`(() => {
      document.querySelector('main h1')?.setAttribute('data-old', '')
      const link = Object.assign(document.createElement('a'), { href: '${path}' })
      document.getElementById('app').append(link)
      link.click()
      link.remove()
    })()`)
    await settle(page, 'main#main h1:not([data-old])')
  }
}

/** Opens a look. */
export async function show({ people }: Visits, look: Look): Promise<SpaPage> {
  const page = people[look.who]
  await visit(page, look.address ?? look.route)
  await look.act?.(page)
  return page
}

/** Leaves everything as it was before. */
export async function leave(page: SpaPage): Promise<void> {
  await page.unrouteAll()
  if ((await page.locator('dialog').count()) > 0) await page.keyboard.press('Escape')
  await page.context().setOffline(false)
  await page.setViewportSize(SIZE)
}

/** Another language, for all pages from now on. */
export async function speak(page: SpaPage, language: string): Promise<void> {
  await page.evaluate(`localStorage.setItem('language', '${language}')`)
  await page.reload()
  await settle(page)
}
