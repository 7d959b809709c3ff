// What administrators do on their page, in a real browser: npm run test:browser. See also: signing
// in, proofs, the keyboard and accessibility, admin.ts.

import assert from 'node:assert/strict'
import { adminPages } from '../../src/languages/admin-pages.ts'
import {
  adminScene,
  assertCalm,
  HTML_NAME,
  heading,
  idOf,
  live,
  NAMES,
  openAdmin,
  openUser,
  press,
  rename,
  said,
  signIn,
  userOf,
  visit,
} from '../support/admin-page.ts'
import { say, test } from '../support/admin-words.ts'
import { untilTrue } from '../support/browser.ts'
import { newIdentity } from '../support/callers.ts'
import { PASSWORD, signedIn } from '../support/factories.ts'

test('A search finds as one types, keeps the focus, and stands in the address', async (t) => {
  const scene = await adminScene(t, NAMES)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/users')
  await page.getByText(say(page, '7 found')).waitFor()

  await page
    .getByRole('searchbox', { name: say(page, 'Search') })
    .pressSequentially('grac', { delay: 20 })
  await page.getByText(say(page, '1 found')).waitFor()
  const focused = await page.evaluate('document.activeElement.name')
  assert.equal(focused, 'q')
  assert.match(page.url(), /#\/users\?q=grac$/)
  await page.getByRole('link', { name: 'grace' }).click()
  await heading(page, 'grace')
  await page.goBack()
  await page.getByText(say(page, '1 found')).waitFor()
  assert.equal(
    await page.getByRole('searchbox', { name: say(page, 'Search') }).inputValue(),
    'grac',
  )
  await page.getByRole('searchbox', { name: say(page, 'Search') }).fill('nobody at all')
  await page.getByText(say(page, 'No account matches.')).waitFor()
  await page.getByRole('searchbox', { name: say(page, 'Search') }).fill('')
  await page.getByText(say(page, '7 found')).waitFor()
  await page
    .locator('#users')
    .getByRole('combobox', { name: say(page, 'Role') })
    .selectOption('admin')
  await page.getByText(say(page, '1 found')).waitFor()
  await page.goBack()
  await page.getByText(say(page, '7 found')).waitFor()
  await assertCalm(page)
})

test('A long list continues where it ended', async (t) => {
  const names = Array.from({ length: 25 }, (_, index) => `person-${index}`)
  const scene = await adminScene(t, names)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/users')

  await page.getByText(say(page, '20 shown, there are more')).waitFor()
  await press(page, 'Show more')
  await page.getByText(say(page, '26 found')).waitFor()

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

  await page
    .getByRole('button', { name: say(page, 'End session') })
    .first()
    .click()
  await said(page, 'The session has ended.')
  await untilTrue(page, 'document.querySelectorAll("#sessions tbody tr").length === 2')
  await press(page, 'End all sessions')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: say(page, 'Cancel') })
    .click()
  assert.equal(await rows.count(), 2)
  await press(page, 'End all sessions')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: say(page, 'End all sessions') })
    .click()
  await said(page, 'All sessions have ended.')
  await page.getByText(say(page, 'The account is signed in nowhere.')).waitFor()
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
  await said(page, adminPages.en.script.conflict)
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
  await dialog.getByRole('button', { name: say(page, 'Delete account') }).click()
  await dialog.getByText(say(page, 'This is not the username.')).waitFor()
  await dialog.getByRole('button', { name: say(page, 'Cancel') }).click()
  assert.notEqual(await userOf(scene), null)
  await press(page, 'Delete account')
  await dialog.getByRole('textbox').fill('grace')
  await dialog.getByRole('button', { name: say(page, 'Delete account') }).click()
  await said(page, 'The account is deleted.')
  await page.getByText(say(page, '1 found')).waitFor()
  await assertCalm(page)
})

test('An outside account is removed after a question and a proof', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const { server, people } = scene
  await newIdentity(server, idOf(people[0]))
  await server.database.client.user.update({
    where: { id: idOf(people[0]) },
    data: { passwordHash: null, emailVerified: true },
  })
  const page = await openUser(scene)
  const question = page.getByRole('dialog', {
    name: say(page, 'Remove this outside account of grace?'),
  })
  const proof = page.getByRole('dialog', { name: say(page, 'Confirm that it is you') })
  server.clock.advance(601)

  await page.getByText(say(page, 'Passwordless'), { exact: true }).waitFor()
  await page.locator('#identities').getByText('nobody').waitFor()
  await press(page, 'Remove')
  await question.getByRole('button', { name: say(page, 'Cancel') }).click()
  assert.equal(await server.database.client.identity.count(), 1)
  await press(page, 'Remove')
  await question.getByRole('button', { name: say(page, 'Remove outside account') }).click()
  await proof.getByRole('textbox').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await said(page, 'The outside account is removed.')
  await page.getByText(say(page, 'No outside provider signs in to the account.')).waitFor()
  assert.equal(await server.database.client.identity.count(), 0)
  await press(page, 'Send password reset')
  await said(page, 'A mail for a new password is on its way.')
  await assertCalm(page)
})

test('An invitation names a taken username beside its field, and then makes the account', async (t) => {
  const scene = await adminScene(t, ['grace'])
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/users')
  await press(page, 'New user')
  const dialog = page.getByRole('dialog')
  const shown = async () =>
    (await dialog.locator('.error').allTextContents()).map((text) => text !== '')

  await dialog.getByRole('button', { name: say(page, 'Invite') }).click()
  await page.locator('#create-username').getByText(/\p{L}/u).waitFor()
  assert.deepEqual(await shown(), [true, true, false])
  await dialog.getByRole('textbox', { name: say(page, 'Username') }).fill('x')
  await dialog.getByRole('textbox', { name: say(page, 'E-mail') }).fill('hopper@example.com')
  await dialog.getByRole('button', { name: say(page, 'Invite') }).click()
  await page.locator('#create-username').getByText(/\p{L}/u).waitFor()
  assert.equal(await page.evaluate('document.activeElement.name'), 'username')
  await dialog.getByRole('textbox', { name: say(page, 'Username') }).fill('hopper')
  await dialog.getByRole('button', { name: say(page, 'Invite') }).click()
  await heading(page, 'hopper')
  await said(page, 'The invitation is on its way.')
  await page.getByText(say(page, 'none'), { exact: true }).waitFor()
  await page.getByText(say(page, 'Invited'), { exact: true }).waitFor()
  await press(page, 'Send another invitation')
  await said(page, 'Another invitation is on its way, good for 7 days.')
  assert.equal(await page.getByText(say(page, 'Unverified')).filter({ visible: true }).count(), 0)
  await assertCalm(page)
})

test('Events are filtered by type and by account', async (t) => {
  const scene = await adminScene(t, NAMES)
  await live(scene)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, '#/events')

  // As a person does it: rows that move after a key are no layout shift.
  await page.locator('#events').getByRole('combobox').focus()
  for (let downs = 0; downs < 2; downs++) await page.keyboard.press('ArrowDown')
  await page.getByText(say(page, '2 found')).waitFor()
  assert.equal(
    await page.locator('#events tbody').getByText(say(page, 'Sign-in failed')).count(),
    2,
  )
  const account = page.getByRole('searchbox', { name: say(page, 'Account') })
  for (const text of [idOf(scene.people[0]), 'Grace', scene.people[0]?.user.email ?? '']) {
    await account.fill('nobody')
    await page.getByText(say(page, adminPages.en.events.empty)).waitFor()
    await account.fill(text)
    await page.getByText(say(page, '1 found')).waitFor()
  }
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
  await page.getByText(say(page, 'The figures as a table')).click()
  assert.equal(await page.locator('#hours tbody tr').count(), 24)
  await assertCalm(page)
})
