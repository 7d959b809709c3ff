import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { stepOf, totpAt } from '../../src/features/factors/totp.ts'
import { field, openTab, press, type Scene, type SpaPage } from './spa-pages.ts'

// People of the account pages of examples/spa, each with an account of their own.

export const PASSWORD = 'correct horse battery staple'
const PATIENCE_MS = 10_000
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const MAILED_CODE = /^(\d{4} \d{4})$/m

/** Somebody who has just registered, and is signed in. */
export async function openNew(
  { example, browser }: Scene,
  username: string,
  look: BrowserContextOptions = {},
): Promise<SpaPage> {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...look })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await openTab(context, `${example.app}/register`)
  await field(page, 'Username').fill(username)
  await field(page, 'E-mail address').fill(`${username}@example.com`)
  await secret(page, 'Password').fill(PASSWORD)
  await secret(page, 'Repeat the password').fill(PASSWORD)
  await press(page, 'Create account')
  await page.waitForURL(`${example.app}/dashboard`)
  return page
}

/** A field for a password, whose button has the word, too. */
export const secret = (page: Page, label: string) => page.getByLabel(label, { exact: true })

/** A button of the dialog on top. */
export const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').last().getByRole('button', { name, exact: true }).click()

/** An entry of a list. */
export const row = (page: Page, hasText: string): Locator =>
  page.getByRole('listitem').filter({ hasText })

/**
 * The code of the newest mail to an address, which is its second: the registration has sent one.
 * @throws AssertionError without one in time
 */
export async function mailedCode({ example }: Scene, to: string): Promise<string> {
  type Outbox = { items: { to: string; text: string }[] }
  for (let attempt = 0; attempt < PATIENCE_MS / 100; attempt++) {
    const { items } = (await (await fetch(`${example.api}/outbox`)).json()) as Outbox
    const mails = items.filter((mail) => mail.to === to && mail.text.includes('verify_email'))
    const code = MAILED_CODE.exec(mails[0]?.text ?? '')?.[1]
    if (code && mails.length > 1) return code
    await sleep(100)
  }
  return assert.fail(`no mail with a code to ${to}`)
}

/** What the app shows whose key the page has shown. */
export function shownBy(key: string): string {
  const letters = [...key.replaceAll(' ', '')]
  const bits = letters.map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const seed = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return totpAt(seed, stepOf(Date.now()))
}

/** Types the code of the mail that the server asks for before the first factor. */
export async function proveAddress(scene: Scene, page: Page, to: string): Promise<void> {
  const asked = page.getByRole('dialog').last().getByRole('textbox', { name: 'Code of the mail' })
  await asked.fill(await mailedCode(scene, to))
  await confirm(page, 'Continue')
}
