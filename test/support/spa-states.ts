import type { Route } from 'playwright-core'
import { PASSWORD } from '../../scripts/example/people.ts'
import type { SpaPage } from './spa-pages.ts'

// What happens on the pages of the application, in any language.

type Act = (page: SpaPage) => Promise<void>

const SUBMIT = 'main form .button[type=submit]'

/** The first of these buttons opens a dialog. */
export const pressFirst =
  (selector: string): Act =>
  async (page) => {
    await page.locator(`main ${selector}`).first().click()
    await page.locator('dialog').waitFor()
  }

export const addPasskey: Act = pressFirst('.card > .row > .button-plain:has(.icon)')

export const askToDelete: Act = pressFirst('.page-head .button-danger')

export const openPhoto: Act = pressFirst('.gallery-photo')

export const submitEmpty: Act = async (page) => {
  await page.locator(SUBMIT).last().click()
  await page.locator('[aria-invalid=true]').first().waitFor()
}

/** As somebody with an app, and perhaps a passkey, up to the question for one of them. */
export const signInWithPassword: Act = async (page) => {
  await typeIntoSignIn(page, 'alan', PASSWORD)
  await page.locator('main:has(.check) .divider ~ .button').last().waitFor()
}

export const signInWithApp: Act = async (page) => {
  await signInWithPassword(page)
  if ((await page.locator('.code-input').count()) === 0)
    await page.locator('main:has(.check) .divider ~ .button').first().click()
  await page.locator('.code-input').waitFor()
}

export const signInWithRecoveryCode: Act = async (page) => {
  await signInWithPassword(page)
  await page.locator('main:has(.check) .divider ~ .button').last().click()
  await page.locator('input[name=code]:not(.code-input)').waitFor()
}

export const guessPassword: Act = async (page) => {
  await typeIntoSignIn(page, 'nobody', 'not this one')
  await page.locator('.form-error').waitFor()
}

async function typeIntoSignIn(page: SpaPage, username: string, password: string): Promise<void> {
  await page.locator('[name=username]').fill(username)
  await page.locator('[name=password]').fill(password)
  await page.locator(SUBMIT).click()
}

export const registerWrongly: Act = async (page) => {
  await page.locator('[name=username]').fill('ada')
  await page.locator('[name=email]').fill('not-an-address')
  await page.locator('[name=password]').fill('a sentence to remember')
  await page.locator('[name=repeated]').fill('another sentence')
  await page.locator(SUBMIT).click()
  await page.locator('[aria-invalid=true]').first().waitFor()
}

/** For an address that nobody has. */
export const askForCode: Act = async (page) => {
  await page.locator('main form input').first().fill('nobody@example.com')
  await page.locator(SUBMIT).click()
  await page.locator('.code-input').waitFor()
}

export const askForMail: Act = async (page) => {
  await page.locator('main .button-main').click()
  await page.locator('.code-input').waitFor()
}

export const makeCodes: Act = async (page) => {
  await pressFirst('.card .button')(page)
  await page.locator('dialog .button-main').click()
  await page.locator('.codes li').first().waitFor()
}

/** Only on small screens. */
export const openMenu: Act = async (page) => {
  const button = page.locator('.header > .icon-button')
  if (await button.isVisible()) await button.click()
}

export const goOffline: Act = async (page) => {
  await page.context().setOffline(true)
  await page.locator('.offline').waitFor()
}

export const uploadText: Act = async (page) => {
  const file = { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }
  await page.locator('input[type=file]').setInputFiles(file)
  await page.locator('.uploads .error').waitFor()
}

/** The server is away when the page asks it. */
export const failToLoad: Act = async (page) => {
  const path = new URL(page.url()).pathname
  await page.route(
    (url) => url.pathname.endsWith(path) && url.origin !== new URL(page.url()).origin,
    (route) => route.abort(),
  )
  await page.reload()
  await page.locator('main .notice-bad').waitFor()
}

/** Not even the session can be looked for. */
export const loseServer: Act = async (page) => {
  const { origin } = new URL(page.url())
  await page.route(
    (url) => url.origin !== origin,
    (route) => route.abort(),
  )
  await page.goto(`${origin}/dashboard`)
  await page.locator('main .notice-bad').waitFor()
}

/** Somebody else was quicker. */
export const conflict: Act = async (page) => {
  await page.route(/\/notes\//, (route) =>
    route.request().method() === 'PUT'
      ? refuse(route, 412, { code: 'precondition_failed' })
      : route.fallback(),
  )
  await page.locator('main textarea').fill('What I have typed.\nIn two lines.')
  await page.locator(SUBMIT).click()
  await page.locator('.conflict').waitFor()
}

/** The sign-in was long ago. */
export const askForProof: Act = async (page) => {
  const methods = ['password', 'totp', 'recovery_code']
  const challenge = { token: 'a'.repeat(43), purpose: 'step_up', methods, expiresIn: 300 }
  await page.route(/\/sessions/, (route) =>
    route.request().method() === 'DELETE'
      ? refuse(route, 401, { code: 'step_up_required', action: 'step_up', challenge })
      : route.fallback(),
  )
  await page.locator('main .list .button-plain').first().click()
  await page.locator('dialog').waitFor()
}

function refuse(route: Route, status: number, problem: object): Promise<void> {
  const { origin = '' } = route.request().headers()
  const headers = {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
  }
  const body = { type: 'about:blank', title: 'Refused', status, detail: 'Refused.', ...problem }
  return route.fulfill({ status, headers, contentType: 'application/problem+json', json: body })
}
