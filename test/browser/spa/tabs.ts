// One session in several tabs, access tokens that end in the middle of work, and a network that
// comes and goes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { follow, heading, openTab, press, said } from '../../support/spa-pages.ts'
import {
  faults,
  fill,
  labelled,
  signedInBrowser,
  signIn,
  spaWorld,
} from '../../support/spa-world.ts'

const TABS = 5
const SOON_MS = 1000
const SHORT_MS = 200

const world = await spaWorld()
const { app, latchkey, host } = world

test('Five tabs whose tokens have ended refresh at once: one rotation, and nobody is signed out', async () => {
  const { page, person } = await signedInBrowser(world)
  const more = Array.from({ length: TABS - 1 }, () => openTab(page.context(), `${app}/dashboard`))
  const tabs = [page, ...(await Promise.all(more))]
  for (const tab of tabs) await tab.locator('.dashboard-facts').waitFor()
  const refreshes = followRefreshes(tabs)
  await latchkey.expireAccessTokens()

  await Promise.all(tabs.map((tab) => follow(tab, 'Notes')))
  await Promise.all(tabs.map((tab) => tab.getByText('You have no notes yet').waitFor()))
  const answers = await Promise.all(refreshes)

  assert.equal(answers.length, TABS)
  assert.equal(answers.filter((refreshed) => refreshed === 'rotated').length, 1, answers.join())
  assert.equal(await liveSessions(person.id), 1)
  assert.deepEqual(
    tabs.flatMap(({ complaints }) => complaints),
    [],
  )
  await page.context().close()
})

test('A sign-out in one tab is seen in the others within a second, and so is a sign-in', async () => {
  const { page, person } = await signedInBrowser(world)
  const context = page.context()
  const others = [
    await openTab(context, `${app}/notes/new`),
    await openTab(context, `${app}/account/profile`),
  ]
  await fill(others[0] as Page, { Title: 'Not for the next person' })
  await heading(others[1] as Page, 'Profile')

  await press(page, 'Sign out')
  await page.waitForURL(`${app}/goodbye`)
  for (const tab of others) await tab.waitForURL(`${app}/goodbye`, { timeout: SOON_MS })
  const left = await liveSessions(person.id)
  await follow(page, 'Sign in again')
  await signIn(page, person.username, person.password)
  await page.waitForURL(`${app}/dashboard`)
  for (const tab of others) await tab.waitForURL(`${app}/dashboard`)

  assert.equal(left, 0)
  assert.equal(await liveSessions(person.id), 1)
  await context.close()
})

test('An access token that ends in the middle of work is not noticed', async () => {
  const { page, person } = await signedInBrowser(world, '/notes/new')
  await fill(page, { Title: 'Written for a long time', Text: 'Word by word.' })

  await latchkey.expireAccessTokens()
  await press(page, 'Save')
  await said(page, 'The note is saved.')
  await follow(page, 'Account')
  await follow(page, /^Password/)
  const password = 'eleven grey pebbles in a row'
  await fill(page, { 'Current password': person.password })
  await fill(page, { 'New password': password, 'Repeat the password': password })
  await latchkey.expireAccessTokens()
  await page.locator('main form button[type=submit]').click()
  await said(page, 'Your password is changed. All other devices are signed out.')

  const { note } = host.latchkey.database.client
  assert.equal(await note.count({ where: { ownerId: person.id } }), 1)
  assert.equal(await liveSessions(person.id), 1)
  assert.deepEqual(page.complaints, [])
  await page.context().close()
})

test('Without a network nothing typed is lost, and work continues where it was', async () => {
  const { page } = await signedInBrowser(world, '/account/profile')
  const context = page.context()
  await fill(page, { Name: 'Ada in a train' })

  await context.setOffline(true)
  await page.getByText('You are offline. What you typed stays here.').waitFor()
  await press(page, 'Save')
  const fault = await faults(page)
  await latchkey.expireAccessTokens()
  await context.setOffline(false)
  await said(page, 'You are back online.')
  assert.equal(await labelled(page, 'Name').inputValue(), 'Ada in a train')
  assert.equal(await page.locator('.offline').count(), 0)
  await press(page, 'Save')
  await said(page, 'Saved.')

  assert.match(fault.join(), /The server gave no answer/)
  assert.deepEqual(page.complaints, [])
  await context.close()
})

test('Pages that were opened without a network appear by themselves when it is back', async () => {
  const { page } = await signedInBrowser(world, '/dashboard')
  const context = page.context()

  for (const [link, title] of [
    ['Houses', 'There are no houses yet'],
    // A script of its own, which is not there yet.
    ['Account', 'What we know of you'],
  ] as const) {
    await context.setOffline(true)
    await follow(page, link)
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await press(page, 'Try again')
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await context.setOffline(false)
    await page.getByText(title).waitFor()
  }

  await context.close()
})

test('A browser that draws late misses nothing that was known before', async () => {
  const { page } = await signedInBrowser(world)
  // Effects wait for a frame, and then for a turn.
  await page.context().addInitScript(`{
    const wait = setTimeout
    requestAnimationFrame = () => 0
    setTimeout = (work, ms = 0, ...rest) => wait(work, ms < 100 ? 400 : ms, ...rest)
  }`)

  // The page waits for the session, which is found before the page can follow it.
  const delay = await latchkey.delay(SHORT_MS, { method: 'POST', path: '/refresh' })

  for (const path of ['/account/devices', '/notes']) {
    await page.goto(app + path)
    await page.locator('main h1').waitFor()
    await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
  }
  await delay.restore()

  await page.context().close()
})

/** What each refresh of these pages answers from now on: `rotated`, or why it was not. */
function followRefreshes(pages: Page[]): Promise<string>[] {
  const answers: Promise<string>[] = []
  for (const page of pages) {
    page.on('response', (response) => {
      if (!response.url().endsWith('/refresh') || response.request().method() !== 'POST') return
      answers.push(response.json().then(({ refreshed, code }) => refreshed ?? code))
    })
  }
  return answers
}

function liveSessions(userId: string): Promise<number> {
  const { session } = host.latchkey.database.client
  return session.count({ where: { userId, revokedAt: null } })
}
