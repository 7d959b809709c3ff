// runs once
// The page that mailed links lead to, in a real browser.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { allLanguages, catalogues, type Language } from '../../src/languages/languages.ts'
import { escapeHtml } from '../../src/platform/html.ts'
import { call } from '../support/answers.ts'
import { openBrowser, skipWithoutChromium } from '../support/browser.ts'
import { linkTo, verifiedPerson } from '../support/email.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { digestOf } from '../support/operations.ts'

const skip = skipWithoutChromium('the page of mailed links')
const NEW_PASSWORD = 'another horse, another battery'
const SIZES = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const

/** A server that listens, and a browser whose console and requests are kept. */
async function scene(t: TestContext) {
  const server = await startServer(t)
  const origin = await server.app.listen({ port: 0, host: '127.0.0.1' })
  const browser: Browser = await openBrowser()
  t.after(() => browser.close())
  return { server, origin, browser }
}

type Look = { colorScheme?: 'light' | 'dark'; width?: number; locale?: Language }

async function openLink(
  { origin, browser }: Awaited<ReturnType<typeof scene>>,
  { purpose, challenge, code }: { purpose: string; challenge: string; code: string },
  { colorScheme = 'light', width = 800, locale = 'en' }: Look = {},
): Promise<Page & { sent: string[]; errors: string[] }> {
  const page = await browser.newPage({ colorScheme, locale, viewport: { width, height: 700 } })
  const sent: string[] = []
  const errors: string[] = []
  page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`))
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (line) => {
    if (/Content Security Policy/.test(line.text())) errors.push(line.text())
  })
  const link = new URLSearchParams({ purpose, challenge, code })
  await page.goto(`${origin}/mail#${link}`)
  return Object.assign(page, { sent, errors })
}

async function beginReset(server: TestServer, login: string): Promise<void> {
  const answer = await call(server, 'POST /challenges', { purpose: 'reset_password', login })
  assert.equal(answer.statusCode, 201, answer.body)
}

test('A mailed link changes nothing before its button is pressed, and then verifies', {
  skip,
}, async (t) => {
  const world = await scene(t)
  const { server, origin } = world
  const person = await signedUp(server)
  const link = await linkTo(server, person.email)
  const before = await digestOf(server)

  const page = await openLink(world, link)
  await page.getByRole('button', { name: 'Confirm address' }).waitFor()
  await page.waitForTimeout(500)

  assert.equal(await digestOf(server), before)
  assert.deepEqual(page.sent, [`GET ${origin}/mail`])
  await page.getByRole('button').click()
  await page.getByText('Your e-mail address is verified.').waitFor()
  assert.deepEqual(page.errors, [])
  assert.equal(page.url(), `${origin}/mail`)
  assert.deepEqual(await page.context().cookies(), [])
})

for (const look of SIZES) {
  test(`A forgotten password is replaced by the page, ${look.colorScheme} at ${look.width}`, {
    skip,
  }, async (t) => {
    const world = await scene(t)
    const { server } = world
    const person = await verifiedPerson(server)
    await beginReset(server, person.username)
    const page = await openLink(world, await linkTo(server, person.email, 'reset_password'), look)

    await page.locator('[name=newPassword]').fill('password1')
    await page.locator('[name=newPasswordConfirm]').fill('password2')
    await page.getByRole('button').click()
    await page.locator('#newPassword-error', { hasText: /\w/ }).waitFor()
    await page.locator('#newPasswordConfirm-error', { hasText: /\w/ }).waitFor()
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
    await page.locator('[name=newPassword]').fill(NEW_PASSWORD)
    await page.locator('[name=newPasswordConfirm]').fill(NEW_PASSWORD)
    await page.getByRole('button').click()
    await page.getByText('Your password is changed.').waitFor()

    assert.equal(isWide, false)
    assert.deepEqual(page.errors, [])
    const { username } = person
    const old = await call(server, 'POST /login', { username, password: PASSWORD })
    const now = await call(server, 'POST /login', { username, password: NEW_PASSWORD })
    assert.deepEqual([old.statusCode, now.statusCode], [401, 200])
  })
}

test('A link that is cut or used says so, and offers no button', { skip }, async (t) => {
  const world = await scene(t)
  const person = await signedUp(world.server)
  const link = await linkTo(world.server, person.email)

  const cut = await openLink(world, { ...link, code: '' })
  await cut.getByText('This link is incomplete.').waitFor()
  const used = await openLink(world, link)
  await used.getByRole('button').click()
  await used.getByText('Your e-mail address is verified.').waitFor()
  const again = await openLink(world, link)
  await again.getByRole('button').click()
  await again.locator('[role=status]', { hasText: 'begin again' }).waitFor()

  assert.equal(await cut.getByRole('button').count(), 0)
  assert.equal(await again.getByRole('button').count(), 0)
})

for (const locale of allLanguages) {
  test(`The page and the answer are in the language of the browser, ${locale}`, {
    skip,
  }, async (t) => {
    const world = await scene(t)
    const person = await signedUp(world.server)
    const link = await linkTo(world.server, person.email)
    const { mailPage, messages } = catalogues[locale]
    const { script } = mailPage

    for (const purpose of ['reset_password', 'accept_invite', 'undo_email'] as const) {
      const page = await openLink(world, { ...link, purpose }, { locale })
      const { title, text, action } = script[purpose]
      await page.getByRole('heading', { name: title }).waitFor()
      await page.getByText(text).waitFor()
      await page.getByRole('button', { name: action }).waitFor()
      await page.getByLabel(mailPage.newPasswordAgain).waitFor()
      assert.equal(await page.title(), title)
    }
    const cut = await openLink(world, { ...link, code: '' }, { locale })
    await cut.getByText(script.incomplete).waitFor()
    const page = await openLink(world, link, { locale })
    await page.getByRole('button', { name: script.verify_email.action }).click()
    await page.getByText(messages.verified).waitFor()

    assert.equal(await page.evaluate('document.documentElement.lang'), locale)
    assert.deepEqual(page.errors, [])
  })

  test(`GET /mail is a page in ${locale}, with one policy for all languages`, async (t) => {
    const { inject } = await startServer(t)
    const page = await inject({ url: '/mail', headers: { 'accept-language': locale } })
    const english = await inject({ url: '/mail' })
    const { mailPage } = catalogues[locale]

    assert.equal(page.headers['content-language'], locale)
    assert.equal(page.headers.vary, 'Origin, Accept-Language')
    assert.match(page.body, new RegExp(`<html lang="${locale}">`))
    const { script, ...texts } = mailPage
    for (const text of [...Object.values(texts), JSON.stringify(script)])
      assert.ok(page.body.includes(escapeHtml(text)), text)
    const policy = page.headers['content-security-policy']
    assert.equal(policy, english.headers['content-security-policy'])
    const [, code = ''] = /<script>(.*?)<\/script>/s.exec(page.body) ?? []
    const hash = createHash('sha256').update(code).digest('base64')
    assert.ok(String(policy).includes(`script-src 'sha256-${hash}';`))
  })
}
