// The account pages of examples/spa in a real browser: npm run test:browser (CHROMIUM=<path> names
// another).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilTrue } from '../../support/browser.ts'
import { addAuthenticator } from '../../support/browser-passkeys.ts'
import {
  confirm,
  mailedCode,
  openNew,
  PASSWORD,
  proveAddress,
  row,
  secret,
  shownBy,
} from '../../support/spa-account.ts'
import {
  assertAccessible,
  field,
  follow,
  heading,
  loseNextAnswer,
  openSpa,
  openTab,
  press,
  type SpaPage,
  said,
  spaScene,
} from '../../support/spa-pages.ts'

const PAGES = [
  ...['', '/profile', '/email', '/password', '/sign-in', '/recovery-codes'],
  ...['/devices', '/activity', '/data', '/delete'],
]

const scene = await spaScene()
const { app } = scene.example

test('Name, username, address and password are changed, and what is wrong is said at its field', async () => {
  const page = await openNew(scene, 'emmy')

  await page.goto(`${app}/account/profile`)
  await field(page, /^Name/).fill('Emmy')
  await press(page, 'Save')
  await said(page, 'Saved.')
  await field(page, 'Username').fill('emmy2')
  await secret(page, 'Current password').fill('a wrong password')
  await press(page, 'Change username')
  await page.locator('[name=currentPassword][aria-invalid=true]:focus').waitFor()
  await secret(page, 'Current password').fill(PASSWORD)
  await press(page, 'Change username')
  await said(page, 'You sign in as emmy2 from now on.')
  await verifyAndChange(page)
  await page.goto(`${app}/account/password`)
  await secret(page, 'Current password').fill(PASSWORD)
  await secret(page, 'New password').fill('a quite different sentence')
  await secret(page, 'Repeat the password').fill('a quite different sentence')
  await loseNextAnswer(page, 'PUT', /\/password$/)
  await press(page, 'Change password')
  await said(page, 'Your password is changed.')

  await page.goto(`${app}/account/profile`)
  assert.equal(await field(page, /^Name/).inputValue(), 'Emmy')
  assert.deepEqual(page.complaints, [])
})

async function verifyAndChange(page: SpaPage): Promise<void> {
  await page.goto(`${app}/account/email`)
  await press(page, 'Send me a code')
  await field(page, 'Code').fill(await mailedCode(scene, 'emmy@example.com'))
  await press(page, 'Verify address')
  await said(page, 'emmy@example.com is verified.')
  await field(page, 'New e-mail address').fill('emmy2@example.com')
  await secret(page, 'Current password').fill(PASSWORD)
  await press(page, 'Change address')
  await heading(page, 'Waiting for your confirmation')
  await press(page, 'Keep the present address')
  await said(page, 'Your address stays as it is.')
  assert.equal(await page.getByText('Waiting for your confirmation').count(), 0)
}

test('An app is set up, also where the answer is lost, and its recovery codes are shown once', async () => {
  const page = await openNew(scene, 'rosalind', { acceptDownloads: true })

  await page.goto(`${app}/account/sign-in`)
  await follow(page, 'Set up an app')
  await proveAddress(scene, page, 'rosalind@example.com')
  const key = (await page.locator('.qr-secret').textContent()) ?? ''
  await page.locator('.qr-code path[d^=M]').waitFor()
  await field(page, 'Code of the app').fill('000000')
  await press(page, 'Switch on')
  await page.getByText('You have 4 more tries.').waitFor()
  await field(page, 'Code of the app').fill(shownBy(key))
  await loseNextAnswer(page, 'POST', /\/challenges\/answer$/)
  await press(page, 'Switch on')
  await heading(page, 'Your new recovery codes')
  const codes = await page.locator('.codes li').allInnerTexts()
  const file = page.waitForEvent('download')
  await press(page, 'Download')
  await file
  await press(page, 'I have kept them')
  await page.getByText('10 codes are left.').waitFor()
  await press(page, 'Make new codes')
  await confirm(page, 'Make new codes')
  await confirm(page, 'Use a recovery code')
  await page
    .getByRole('dialog')
    .last()
    .getByRole('textbox')
    .fill(codes[0] ?? '')
  await confirm(page, 'Continue')
  await page.locator('.codes').waitFor()

  assert.equal(new Set([...codes, ...(await page.locator('.codes li').allInnerTexts())]).size, 20)
  assert.deepEqual(page.complaints, [])
})

test('A passkey is added, renamed and removed', async () => {
  const page = await openNew(scene, 'lise')
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  await addAuthenticator(devTools)

  await page.goto(`${app}/account/sign-in`)
  await press(page, 'Add a passkey')
  await field(page, /^Name of the passkey/).fill('Laptop')
  await confirm(page, 'Add a passkey')
  await proveAddress(scene, page, 'lise@example.com')
  await heading(page, 'Your new recovery codes')
  await page.goto(`${app}/account/sign-in`)
  await row(page, 'Laptop').getByRole('button', { name: 'Rename' }).click()
  await field(page, /^Name of the passkey/).fill('Old laptop')
  await confirm(page, 'Save')
  await press(page, 'Switch on')
  await said(page, 'Two-step sign-in is on.')
  await row(page, 'Old laptop').getByRole('button', { name: 'Remove' }).click()
  await confirm(page, 'Remove')
  await confirm(page, 'Use a passkey')
  await said(page, 'The passkey is removed.')
  await page.getByText('You have no passkey yet.').waitFor()

  assert.deepEqual(page.complaints, [])
})

test('Devices are signed out, one and all others, and the list shows it at once', async () => {
  const page = await openNew(scene, 'chien')
  await signInWith('okhttp/4.12.0')
  await signInWith('curl/8.5.0')
  await signInWith('Dart/3.9')

  await page.goto(`${app}/account/devices`)
  await loseNextAnswer(page, 'DELETE', /\/sessions\/.+/)
  await press(page, 'Sign out okhttp')
  await said(page, 'The server gave no answer.')
  await press(page, 'Sign out okhttp')
  await said(page, 'okhttp is signed out.')
  assert.equal(await page.getByRole('listitem').count(), 3)
  await press(page, 'Sign out the others')
  await confirm(page, 'Sign out the others')
  await said(page, '2 other devices are signed out.')

  assert.equal(await page.getByRole('listitem').count(), 1)
  assert.deepEqual(page.complaints, [])
})

async function signInWith(userAgent: string): Promise<void> {
  const headers = { 'content-type': 'application/json', 'user-agent': userAgent }
  const body = JSON.stringify({ username: 'chien', password: PASSWORD })
  const { status } = await fetch(`${scene.example.api}/login`, { method: 'POST', headers, body })
  assert.equal(status, 200)
}

test('The last way to sign in stays, until there is a password', async () => {
  const context = await scene.browser.newContext({ locale: 'en', reducedMotion: 'reduce' })
  const page = await openTab(context, `${app}/sign-in`)
  await press(page, 'Continue with Demo provider')
  await page.locator('a, button').filter({ hasText: 'barbara' }).first().click()
  await page.waitForURL(`${app}/dashboard`)

  await page.goto(`${app}/account/sign-in`)
  await press(page, 'Unlink')
  await confirm(page, 'Unlink')
  await heading(page, 'It is your last way in')
  await confirm(page, 'Set a password')
  await secret(page, 'New password').fill(PASSWORD)
  await secret(page, 'Repeat the password').fill(PASSWORD)
  await press(page, 'Set password')
  await said(page, 'Your password is changed.')
  await page.goto(`${app}/account/sign-in`)
  await press(page, 'Unlink')
  await confirm(page, 'Unlink')
  await said(page, 'Demo provider is unlinked.')

  assert.deepEqual(page.complaints, [])
})

test('The data are downloaded, and the account is deleted by its name and password', async () => {
  const page = await openNew(scene, 'youyou', { acceptDownloads: true })

  await page.goto(`${app}/account/data`)
  const file = page.waitForEvent('download')
  await press(page, 'Download my data')
  assert.match((await file).suggestedFilename(), /^youyou-\d{4}-\d\d-\d\d\.json$/)
  await page.getByText('Your file is there').waitFor()
  await follow(page, 'Delete the account …')
  await secret(page, 'Current password').fill(PASSWORD)
  await field(page, 'Type youyou to confirm').fill('you')
  await press(page, 'Delete my account for ever')
  await page.getByText('This is not your username.').waitFor()
  await field(page, 'Type youyou to confirm').fill('YouYou')
  await press(page, 'Delete my account for ever')
  await heading(page, 'Your account is deleted')

  const body = JSON.stringify({ username: 'youyou', password: PASSWORD })
  const headers = { 'content-type': 'application/json' }
  const { status } = await fetch(`${scene.example.api}/login`, { method: 'POST', headers, body })
  assert.equal(status, 401)
  assert.deepEqual(page.complaints, [])
})

test('Every account page is accessible and fits, in both languages and themes', async () => {
  for (const [width, colorScheme, locale] of [
    [360, 'light', 'en'],
    [768, 'dark', 'zh-CN'],
    [1280, 'light', 'zh-CN'],
  ] as const) {
    const page = await openSpa(scene, 'ada', {
      ...{ colorScheme, locale, viewport: { width, height: 800 } },
    })
    for (const path of PAGES) {
      await page.goto(`${app}/account${path}`)
      await page.locator('h1').waitFor()
      await untilTrue(page, "!document.querySelector('.loading')")
      await assertAccessible(page, `${path} ${width} ${colorScheme} ${locale}`)
    }
    assert.deepEqual(page.complaints, [])
    await page.context().close()
  }
})
