// The page for administrators in a real browser: npm run test:browser (CHROMIUM=<path> names
// another). A virtual authenticator answers for passkeys, and axe-core looks at what is shown.
// See also: lists and changes, admin-accounts.ts.

import assert from 'node:assert/strict'
import axe from 'axe-core'
import { adminPages } from '../../src/languages/admin-pages.ts'
import {
  adminScene,
  assertCalm,
  fillSignIn,
  heading,
  idOf,
  live,
  NAMES,
  openAdmin,
  openUser,
  press,
  said,
  signIn,
  tabTo,
  userOf,
  visit,
  type WatchedPage,
} from '../support/admin-page.ts'
import { languages, say, test } from '../support/admin-words.ts'
import { call } from '../support/answers.ts'
import { untilTrue } from '../support/browser.ts'
import { addAuthenticator, createIn } from '../support/browser-passkeys.ts'
import { bearer, PASSWORD, signedIn } from '../support/factories.ts'
import { giveApp, shownCode } from '../support/factors.ts'

/** Names, addresses, ids and programs, and what the audit log says in English. */
const DATA = new RegExp(
  `^(Latchkey|user create|ada|${NAMES.join('|')}|.*@example.*|[0-9a-f-]{36}|Mozilla.*|lightMyRequest|[a-z]+_[a-z_]+|pwd)$`,
)
/** Longer than a proof is recent. */
const LATER = 601

test('A wrong password stays on the form, a right one leads to the summary, and a reload keeps it', async (t) => {
  const scene = await adminScene(t)
  const page = await openAdmin(scene)

  await page.getByRole('textbox', { name: say(page, 'Username or e-mail') }).fill('ada')
  await page.getByRole('textbox', { name: say(page, 'Password') }).fill('a wrong guess')
  await press(page, 'Sign in')
  await page.getByRole('alert').getByText(/\p{L}/u).waitFor()
  await page.getByText(say(page, adminPages.en.signIn.refused)).waitFor()
  await signIn(page)
  await page.reload()
  await heading(page, 'Summary')
  await press(page, 'Sign out')
  await heading(page, 'Sign in to Latchkey')

  const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage])')
  assert.equal(stored, '[{},{}]')
  await assertCalm(page)
})

test('An empty form names what is missing beside each field, in the language of the page', async (t) => {
  const page = await openAdmin(await adminScene(t))

  await press(page, 'Sign in')
  const missing = page.locator('#login-password')
  await missing.getByText(/\p{L}/u).waitFor()

  const password = page.getByRole('textbox', { name: say(page, 'Password') })
  assert.equal(await password.getAttribute('aria-invalid'), 'true')
  const isChinese = /\p{Script=Han}/u.test((await missing.textContent()) ?? '')
  assert.equal(isChinese, languages.get(t) === 'zh-CN')
  await assertCalm(page)
})

test('Somebody without the role learns so, and can sign out', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openAdmin(scene)

  await fillSignIn(page, 'grace')
  await heading(page, 'For administrators only')
  assert.equal(await page.getByRole('navigation').count(), 0)
  assert.equal(await page.getByRole('heading', { name: say(page, 'Users') }).count(), 0)
  await page
    .locator('main')
    .getByRole('button', { name: say(page, 'Sign out') })
    .click()
  await heading(page, 'Sign in to Latchkey')
  await assertCalm(page)
})

test('A step-up by password asks in place, can be cancelled, and repeats the request', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openUser(scene)
  scene.server.clock.advance(LATER)
  const dialog = page.getByRole('dialog', { name: say(page, 'Confirm that it is you') })

  await press(page, 'Disable')
  await dialog.getByRole('button', { name: say(page, 'Cancel') }).click()
  await dialog.waitFor({ state: 'hidden' })
  assert.equal((await userOf(scene))?.disabledAt, null)
  await press(page, 'Disable')
  await dialog.getByRole('textbox').fill('a wrong guess')
  await dialog.getByRole('button', { name: say(page, 'Confirm') }).click()
  await dialog.getByRole('alert').getByText(/\p{L}/u).waitFor()
  await dialog.getByRole('textbox').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await said(page, 'The account is disabled.')
  assert.notEqual((await userOf(scene))?.disabledAt, null)
  await assertCalm(page)
})

test('An authenticator app completes the password, and answers a step-up', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const { server } = scene
  const admin = await giveApp(server, scene.admin)
  const page = await openAdmin(scene)
  const dialog = page.getByRole('dialog', { name: say(page, 'Confirm that it is you') })

  await fillSignIn(page)
  await dialog.getByRole('textbox').fill(shownCode(server, admin))
  await page.keyboard.press('Enter')
  await heading(page, 'Summary')
  await visit(page, `#/users/${idOf(scene.people[0])}`)
  await heading(page, 'grace')
  server.clock.advance(LATER)
  await press(page, 'Disable')
  await dialog.getByRole('textbox').fill(shownCode(server, admin))
  await page.keyboard.press('Enter')
  await said(page, 'The account is disabled.')
  await assertCalm(page)
})

test('A passkey signs in alone, and answers a step-up', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const { server, admin } = scene
  const page = await openAdmin(scene)
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  await addAuthenticator(devTools)
  const headers = bearer((await signedIn(server, admin)).access_token)
  const begun = await call(server, 'POST /challenges', { purpose: 'add_passkey' }, headers)
  const { token, passkey } = begun.json()
  const credential = await createIn({ page }, passkey)
  const body = { challenge: token, method: 'passkey', credential }
  const added = await call(server, 'POST /challenges/answer', body, headers)
  assert.equal(added.statusCode, 201, added.body)

  await press(page, 'Use a passkey')
  await heading(page, 'Summary')
  await visit(page, `#/users/${idOf(scene.people[0])}`)
  await heading(page, 'grace')
  server.clock.advance(LATER)
  await press(page, 'Disable')
  await said(page, 'The account is disabled.')
  await assertCalm(page)
})

test('An access token that has expired is refreshed without a word', async (t) => {
  const scene = await adminScene(t, NAMES)
  const page = await openAdmin(scene)
  await signIn(page)
  scene.server.clock.advance(3600)

  await visit(page, '#/users')
  await page.getByText(say(page, '7 found')).waitFor()

  await assertCalm(page)
})

test('The page works below a path of PUBLIC_URL', async (t) => {
  const scene = await adminScene(t, ['grace'], '/auth')
  const page = await openAdmin(scene)

  await signIn(page)
  await visit(page, `#/users/${idOf(scene.people[0])}`)
  await heading(page, 'grace')
  assert.match(page.url(), /\/auth\/admin#\/users\//)
  await assertCalm(page)
})

test('Another tab follows a sign-out', async (t) => {
  const scene = await adminScene(t)
  const page = await openAdmin(scene)
  await signIn(page)
  const other = await page.context().newPage()
  await other.goto(scene.address)
  await heading(other, 'Summary')

  await press(page, 'Sign out')
  await heading(other, 'Sign in to Latchkey')
})

test('The keyboard alone is enough, and the focus follows', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openAdmin(scene)
  await heading(page, 'Sign in to Latchkey')

  await tabTo(page, 'Username or e-mail')
  await page.keyboard.type('ada')
  await tabTo(page, 'Password')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await heading(page, 'Summary')
  await tabTo(page, 'Skip to content', 'Shift+Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('document.activeElement.tagName'), 'MAIN')
  await tabTo(page, 'Users', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await heading(page, 'Users')
  await untilTrue(
    page,
    `document.activeElement.textContent === ${JSON.stringify(say(page, 'Users'))}`,
  )
  await tabTo(page, 'Search')
  await page.keyboard.type('grace')
  await page.getByText(say(page, '1 found')).waitFor()
  await tabTo(page, 'grace')
  await page.keyboard.press('Enter')
  await heading(page, 'grace')
  await tabTo(page, 'Delete account')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  assert.equal(
    await page.evaluate('document.activeElement.textContent'),
    say(page, 'Delete account'),
  )
  await tabTo(page, 'Disable', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await said(page, 'The account is disabled.')
  await tabTo(page, 'Undo')
  await page.keyboard.press('Enter')
  await said(page, 'Undone.')
  await assertCalm(page)
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1600]) {
    test(`Every view in ${colorScheme} at ${width} is accessible and needs no sideways scroll`, async (t) => {
      const scene = await adminScene(t, NAMES)
      await live(scene)
      const page = await openAdmin(scene, { colorScheme, viewport: { width, height: 900 } })
      const look = async () => {
        await untilTrue(page, 'document.querySelector("main").ariaBusy === null')
        assert.equal(
          await page.evaluate('document.documentElement.scrollWidth > innerWidth'),
          false,
        )
        assert.deepEqual(await seriousIssues(page), [], page.url())
        assert.deepEqual(await foreignTexts(page), [], page.url())
      }

      await heading(page, 'Sign in to Latchkey')
      await look()
      await signIn(page)
      await look()
      for (const hash of ['#/users', '#/events', '#/users?q=nobody']) {
        await visit(page, hash)
        await heading(page, hash.includes('users') ? 'Users' : 'Events')
        await look()
        if (hash !== '#/users') continue
        await page.getByRole('button', { name: say(page, 'New user') }).hover()
        await look()
      }
      await visit(page, `#/users/${idOf(scene.people[0])}`)
      await heading(page, 'grace')
      await look()
      await press(page, 'Delete account')
      await look()
      await assertCalm(page)
    })
  }
}

/** What axe finds that is serious or worse, by rule and place. */
async function seriousIssues(page: WatchedPage): Promise<unknown> {
  await page.evaluate(axe.source)
  const rules = await page.evaluate('axe.run().then(({ passes }) => passes.length)')
  assert.ok(Number(rules) > 10, `${rules} rules of axe`)
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)
}

/** Texts of the Chinese page without a Chinese character that are neither data nor names. */
async function foreignTexts(page: WatchedPage): Promise<unknown> {
  if (languages.get(page.context()) !== 'zh-CN') return []
  const texts = (await page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const texts = []
    while (walker.nextNode()) texts.push(walker.currentNode.data)
    return texts
  })()`)) as string[]
  return texts.filter(
    (text) => /[a-z]/i.test(text) && !/\p{Script=Han}/u.test(text) && !DATA.test(text),
  )
}
