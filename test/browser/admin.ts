// The whole page for administrators in a real browser: npm run test:browser (CHROMIUM=<path> names
// another). A virtual authenticator answers for passkeys, and axe-core looks at what is shown.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import {
  type AdminScene,
  adminScene,
  fillSignIn,
  HTML_NAME,
  heading,
  idOf,
  live,
  openAdmin,
  press,
  rename,
  said,
  signIn,
  tabTo,
  visit,
  type WatchedPage,
} from '../support/admin-page.ts'
import { call } from '../support/answers.ts'
import { addAuthenticator, createIn } from '../support/browser-passkeys.ts'
import { bearer, PASSWORD, signedIn } from '../support/factories.ts'
import { giveApp, shownCode } from '../support/factors.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const MOST_SHIFT = 0.05
/** Longer than a proof is recent. */
const LATER = 601
const NAMES = ['grace', 'alan', 'barbara', 'edsger', 'frances', 'radia']

/** Nothing moved by itself, and the browser complained of nothing. */
async function assertCalm(page: WatchedPage): Promise<void> {
  assert.deepEqual(page.complaints, [])
  assert.ok(Number(await page.evaluate('shifted')) < MOST_SHIFT)
}

/** Opens the page of one of the accounts, as somebody who has signed in. */
async function openUser(scene: AdminScene, index = 0): Promise<WatchedPage> {
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, `#/users/${idOf(scene.people[index])}`)
  await heading(page, scene.people[index]?.username ?? '')
  return page
}

const userOf = ({ server, people }: AdminScene, index = 0) =>
  server.database.client.user.findUnique({ where: { id: idOf(people[index]) } })

test('A wrong password stays on the form, a right one leads to the summary, and a reload keeps it', async (t) => {
  const scene = await adminScene(t)
  const page = await openAdmin(scene)

  await page.getByRole('textbox', { name: 'Username or e-mail' }).fill('ada')
  await page.getByRole('textbox', { name: 'Password' }).fill('a wrong guess')
  await press(page, 'Sign in')
  await page.getByRole('alert').getByText(/\w/).waitFor()
  await signIn(page)
  await page.reload()
  await heading(page, 'Summary')
  await press(page, 'Sign out')
  await heading(page, 'Sign in')

  const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage])')
  assert.equal(stored, '[{},{}]')
  await assertCalm(page)
})

test('An empty form names what is missing beside each field', async (t) => {
  const page = await openAdmin(await adminScene(t))

  await press(page, 'Sign in')
  await page.locator('#login-password').getByText(/\w/).waitFor()

  const password = page.getByRole('textbox', { name: 'Password' })
  assert.equal(await password.getAttribute('aria-invalid'), 'true')
  await assertCalm(page)
})

test('Somebody without the role learns so, and can sign out', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openAdmin(scene)

  await fillSignIn(page, 'grace')
  await heading(page, 'For administrators only')
  assert.equal(await page.getByRole('heading', { name: 'Users' }).count(), 0)
  await page.locator('main').getByRole('button', { name: 'Sign out' }).click()
  await heading(page, 'Sign in')
  await assertCalm(page)
})

test('A search finds as one types, keeps the focus, and stands in the address', async (t) => {
  const scene = await adminScene(t, NAMES)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/users')
  await page.getByText('7 found').waitFor()

  await page.getByRole('searchbox', { name: 'Search' }).pressSequentially('grac', { delay: 20 })
  await page.getByText('1 found').waitFor()
  const focused = await page.evaluate('document.activeElement.name')
  assert.equal(focused, 'q')
  assert.match(page.url(), /#\/users\?q=grac$/)
  await page.getByRole('link', { name: 'grace' }).click()
  await heading(page, 'grace')
  await page.goBack()
  await page.getByText('1 found').waitFor()
  assert.equal(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), 'grac')
  await page.getByRole('searchbox', { name: 'Search' }).fill('nobody at all')
  await page.getByText('Nothing here.').waitFor()
  await page.getByRole('searchbox', { name: 'Search' }).fill('')
  await page.getByText('7 found').waitFor()
  await page.locator('#users').getByRole('combobox', { name: 'Role' }).selectOption('admin')
  await page.getByText('1 found').waitFor()
  await page.goBack()
  await page.getByText('7 found').waitFor()
  await assertCalm(page)
})

test('A long list continues where it ended', async (t) => {
  const names = Array.from({ length: 25 }, (_, index) => `person-${index}`)
  const scene = await adminScene(t, names)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/users')

  await page.getByText('20 shown, there are more').waitFor()
  await press(page, 'Show more')
  await page.getByText('26 found').waitFor()

  assert.equal(await page.locator('#users tbody tr').count(), 26)
  await assertCalm(page)
})

test('A username of HTML is text, in the list, on the page of the account and in events', async (t) => {
  const scene = await adminScene(t, ['grace'])
  await rename(scene.server, idOf(scene.people[0]), HTML_NAME)
  const page = await openAdmin(scene)
  await signIn(page)

  await visit(page, '#/users')
  await page.getByRole('link', { name: HTML_NAME }).click()
  await heading(page, HTML_NAME)
  await press(page, 'Delete account')
  await page.getByRole('dialog').getByText(HTML_NAME).waitFor()
  await page.keyboard.press('Escape')
  await visit(page, '#/events')
  await page.locator('#events').getByText(HTML_NAME).first().waitFor()

  assert.equal(await page.locator('img[src=x]').count(), 0)
  await assertCalm(page)
})

test('One session ends at once, and then all of them after a question', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const [grace] = scene.people
  for (let more = 0; more < 2; more++) await signedIn(scene.server, grace ?? assert.fail())
  const page = await openUser(scene)
  const rows = page.locator('#sessions tbody tr')
  assert.equal(await rows.count(), 3)

  await page.getByRole('button', { name: 'End session' }).first().click()
  await said(page, 'The session has ended.')
  await page.waitForFunction('document.querySelectorAll("#sessions tbody tr").length === 2')
  await press(page, 'End all sessions')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  assert.equal(await rows.count(), 2)
  await press(page, 'End all sessions')
  await page.getByRole('dialog').getByRole('button', { name: 'End all sessions' }).click()
  await said(page, 'All sessions have ended.')
  await page.locator('#sessions').getByText('Nothing here.').waitFor()
  await assertCalm(page)
})

test('An account is disabled, made an administrator and verified, and each can be undone', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openUser(scene)

  await press(page, 'Disable')
  await said(page, 'The account is disabled.')
  assert.notEqual((await userOf(scene))?.disabledAt, null)
  await press(page, 'Undo')
  await said(page, 'Undone.')
  assert.equal((await userOf(scene))?.disabledAt, null)
  await press(page, 'Make an administrator')
  await said(page, 'An administrator now.')
  assert.equal((await userOf(scene))?.role, 'admin')
  await press(page, 'Undo')
  await said(page, 'Undone.')
  assert.equal((await userOf(scene))?.role, 'user')
  await press(page, 'Mark e-mail as verified')
  await said(page, 'The address counts as verified.')
  assert.equal((await userOf(scene))?.emailVerified, true)
  await assertCalm(page)
})

test('A change of an account that changed meanwhile is refused, and the page shows it as it is', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openUser(scene)
  const data = { name: 'Grace H.', version: { increment: 1 } }
  await scene.server.database.client.user.update({ where: { id: idOf(scene.people[0]) }, data })

  await press(page, 'Disable')
  await said(page, 'Somebody changed this account meanwhile.')
  await page.getByText('Grace H.').waitFor()

  assert.equal((await userOf(scene))?.disabledAt, null)
  await assertCalm(page)
})

test('An account is deleted once its username is typed, and never without', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openUser(scene)

  await press(page, 'Delete account')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('alan')
  await dialog.getByRole('button', { name: 'Delete account' }).click()
  await dialog.getByText('This is not the username.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  assert.notEqual(await userOf(scene), null)
  await press(page, 'Delete account')
  await dialog.getByRole('textbox').fill('grace')
  await dialog.getByRole('button', { name: 'Delete account' }).click()
  await said(page, 'The account is deleted.')
  await page.getByText('1 found').waitFor()
  await assertCalm(page)
})

test('An invitation names a taken username beside its field, and then makes the account', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/users')
  await press(page, 'New user')
  const dialog = page.getByRole('dialog')

  await dialog.getByRole('textbox', { name: 'Username' }).fill('x')
  await dialog.getByRole('textbox', { name: 'E-mail' }).fill('hopper@example.com')
  await dialog.getByRole('button', { name: 'Invite' }).click()
  await page.locator('#create-username').getByText(/\w/).waitFor()
  assert.equal(await page.evaluate('document.activeElement.name'), 'username')
  await dialog.getByRole('textbox', { name: 'Username' }).fill('hopper')
  await dialog.getByRole('button', { name: 'Invite' }).click()
  await heading(page, 'hopper')
  await said(page, 'The invitation is on its way.')
  await page.getByText('not chosen yet').waitFor()
  await assertCalm(page)
})

test('A step-up by password asks in place, can be cancelled, and repeats the request', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openUser(scene)
  scene.server.clock.advance(LATER)
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })

  await press(page, 'Disable')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })
  assert.equal((await userOf(scene))?.disabledAt, null)
  await press(page, 'Disable')
  await dialog.getByRole('textbox').fill('a wrong guess')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await dialog.getByRole('alert').getByText(/\w/).waitFor()
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
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })

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
  await page.getByText('7 found').waitFor()

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
  await heading(other, 'Sign in')
})

test('Events are filtered by type and by account', async (t) => {
  const scene = await adminScene(t, NAMES)
  await live(scene)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/events')

  await page.locator('#events').getByRole('combobox').selectOption('sign_in_failed')
  await page.getByText('2 found').waitFor()
  assert.equal(await page.locator('#events tbody').getByText('sign in failed').count(), 2)
  await page.getByRole('searchbox', { name: 'Account id' }).fill(idOf(scene.people[0]))
  await page.getByText('1 found').waitFor()
  assert.match(page.url(), /#\/events\?type=sign_in_failed&userId=/)
  await assertCalm(page)
})

test('The summary counts, draws, and has its figures as a table', async (t) => {
  const scene = await adminScene(t, NAMES)
  await live(scene)
  const page = await openAdmin(scene)
  await signIn(page)

  assert.equal(await page.locator('[data-fill="users.total"]').textContent(), '7')
  assert.equal(await page.locator('[data-fill="last24Hours.failures"]').textContent(), '2')
  assert.match((await page.locator('#bars path').first().getAttribute('d')) ?? '', /^M4 60v-[\d.]/)
  await page.getByText('The figures as a table').click()
  assert.equal(await page.locator('#hours tbody tr').count(), 24)
  await assertCalm(page)
})

test('The keyboard alone is enough, and the focus follows', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openAdmin(scene)
  await heading(page, 'Sign in')

  await tabTo(page, 'Username')
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
  await page.waitForFunction('document.activeElement.textContent === "Users"')
  await tabTo(page, 'Search')
  await page.keyboard.type('grace')
  await page.getByText('1 found').waitFor()
  await tabTo(page, 'grace')
  await page.keyboard.press('Enter')
  await heading(page, 'grace')
  await tabTo(page, 'Delete account')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Delete account')
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
        await page.waitForFunction('document.querySelector("main").ariaBusy === null')
        assert.equal(
          await page.evaluate('document.documentElement.scrollWidth > innerWidth'),
          false,
        )
        assert.deepEqual(await seriousIssues(page), [], page.url())
      }

      await heading(page, 'Sign in')
      await look()
      await signIn(page)
      await look()
      for (const hash of ['#/users', '#/events', '#/users?q=nobody']) {
        await visit(page, hash)
        await heading(page, hash.includes('users') ? 'Users' : 'Events')
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
  await page.evaluate(AXE)
  const rules = await page.evaluate('axe.run().then(({ passes }) => passes.length)')
  assert.ok(Number(rules) > 10, `${rules} rules of axe`)
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)
}
