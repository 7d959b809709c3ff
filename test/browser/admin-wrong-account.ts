// The page for administrators acts on the account that the address names, and on no other, in a
// real browser: npm run test:browser. See also: admin-accounts.ts.
import assert from 'node:assert/strict'
import {
  type AdminScene,
  adminScene,
  assertCalm,
  heading,
  idOf,
  openAdmin,
  openUser,
  press,
  said,
  signIn,
  userOf,
  visit,
  type WatchedPage,
} from '../support/admin-page.ts'
import { say, test } from '../support/admin-words.ts'
import { call } from '../support/answers.ts'
import { bearer, signedIn } from '../support/factories.ts'

/** Grace, who stays, and alan, whom nobody sees any more. */
async function sceneWithDeleted(t: Parameters<typeof adminScene>[0]): Promise<AdminScene> {
  const scene = await adminScene(t, ['grace', 'alan'])
  const headers = bearer((await signedIn(scene.server, scene.admin)).access_token)
  const path = `/admin/users/${idOf(scene.people[1])}`
  const answer = await call(scene.server, `DELETE ${path}`, undefined, headers)
  assert.equal(answer.statusCode, 204, answer.body)
  await scene.server.services.audit.written()
  return scene
}

/** Holds back what the page asks about an account until the returned function is called. */
async function holdBack(page: WatchedPage, id: string): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(new RegExp(`/admin/users/${id}$`), async (route) => {
    const answer = await route.fetch()
    await released
    // The page has left by now, so that nobody waits for it.
    await route.fulfill({ response: answer }).catch(() => {})
  })
  return release
}

/** Buttons that can be pressed, but for the menu. */
const buttons = (page: WatchedPage) =>
  page.locator('main button:visible, dialog button:visible').allTextContents()

test('After an account the link of a deleted one leaves nothing to act on', async (t) => {
  const scene = await sceneWithDeleted(t)
  const page = await openUser(scene)
  await press(page, 'Delete account')
  await page.getByRole('dialog').waitFor()

  await visit(page, `#/users/${idOf(scene.people[1])}`)
  await heading(page, 'No such account')

  await page.getByText(say(page, 'This account does not exist (any more).')).waitFor()
  assert.deepEqual(await buttons(page), [])
  assert.equal(await page.getByText('grace').filter({ visible: true }).count(), 0)
  await page.getByRole('link', { name: say(page, 'All users') }).click()
  await heading(page, 'Users')
  await assertCalm(page)
})

test('A fresh link to a deleted account says so, and its events do not lead there', async (t) => {
  const scene = await sceneWithDeleted(t)
  const page = await openAdmin(scene)
  await signIn(page)
  await visit(page, `#/users/${idOf(scene.people[1])}`)
  await page.reload()

  await heading(page, 'No such account')
  assert.deepEqual(await buttons(page), [])
  await page.getByRole('link', { name: say(page, 'All events') }).click()
  await page.locator('#events tbody').getByText(say(page, 'Account deleted')).waitFor()
  await page.locator('#events tbody').getByText(idOf(scene.people[1])).first().waitFor()
  assert.equal(await page.locator(`a[href$="${idOf(scene.people[1])}"]`).count(), 0)
  await assertCalm(page)
})

test('While an account loads there is nothing to act on, and a late answer changes nothing', async (t) => {
  const scene = await adminScene(t, ['grace', 'alan', 'barbara'])
  const page = await openUser(scene)
  const release = await holdBack(page, idOf(scene.people[1]))

  await visit(page, `#/users/${idOf(scene.people[1])}`)
  await heading(page, 'Loading …')
  assert.deepEqual(await buttons(page), [])
  await visit(page, `#/users/${idOf(scene.people[2])}`)
  await heading(page, 'barbara')
  release()
  await page.waitForTimeout(300)

  assert.equal(await page.locator('#user h1').textContent(), 'barbara')
  await press(page, 'Disable')
  await said(page, 'The account is disabled.')
  assert.equal((await userOf(scene, 1))?.disabledAt, null)
  assert.notEqual((await userOf(scene, 2))?.disabledAt, null)
  await assertCalm(page)
})

test('A change that ends late, and its undo, belong to the account of their button', async (t) => {
  const scene = await adminScene(t, ['grace', 'alan'])
  const page = await openUser(scene)
  const release = await holdBack(page, idOf(scene.people[0]))

  await press(page, 'Disable')
  await visit(page, `#/users/${idOf(scene.people[1])}`)
  await heading(page, 'alan')
  release()
  await said(page, 'The account is disabled.')
  assert.equal(await page.locator('#user h1').textContent(), 'alan')
  await press(page, 'Undo')
  await said(page, 'Undone.')

  assert.equal(await page.locator('#user h1').textContent(), 'alan')
  assert.deepEqual([(await userOf(scene, 0))?.version, (await userOf(scene, 1))?.version], [3, 1])
  assert.equal((await userOf(scene, 0))?.disabledAt, null)
  await assertCalm(page)
})

test('An account that cannot be read leaves nothing to act on, and can be tried again', async (t) => {
  const scene = await adminScene(t, ['grace', 'alan'])
  const page = await openUser(scene)
  const path = new RegExp(`/admin/users/${idOf(scene.people[1])}$`)
  await page.route(path, (route) => route.fulfill({ status: 400, body: 'a proxy' }))

  await visit(page, `#/users/${idOf(scene.people[1])}`)
  await heading(page, 'This cannot be shown')
  assert.deepEqual(await buttons(page), [say(page, 'Try again')])
  await page.unroute(path)
  await press(page, 'Try again')
  await heading(page, 'alan')
  await assertCalm(page)
})
