// The second half of the journey: what is in the account, and its end.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { follow, heading, press, said } from '../../support/spa-pages.ts'
import { faults, fill, newBrowser, signIn } from '../../support/spa-world.ts'
import type { Traveller } from './arriving.ts'

const LAST_PASSWORD = 'seven kettles and one whistle'

/** Notes and houses in short: test/browser/spa/resources.ts has them in full. */
export async function write({ world, page }: Traveller) {
  await page.goto(`${world.app}/notes/new`)
  await fill(page, { Title: 'Milk' })
  await press(page, 'Save')
  await heading(page, 'Milk')
  await page.goto(`${world.app}/houses/new`)
  await fill(page, { 'Project number': 'TR-1', Name: 'Boathouse' })
  await press(page, 'Save')
  await heading(page, 'Boathouse')
  await follow(page, 'Houses')
  await page.locator('.list').getByText('Boathouse').waitFor()
}

/** "Sign out the others" is seen in the other browser. */
export async function endOtherSessions({ world, page, name, password }: Traveller) {
  const other = await newBrowser(world, '/sign-in')
  await signIn(other, name, password)
  await other.waitForURL(`${world.app}/dashboard`)
  await page.goto(`${world.app}/account/devices`)
  await page.locator('.list li').nth(1).waitFor()
  await page.getByText('This device', { exact: true }).waitFor()
  await press(page, 'Sign out the others')
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out the others' }).click()
  await said(page, 'One other device is signed out.')
  await page.getByText('You are signed in nowhere else.').waitFor()

  await follow(other, 'Notes')
  await other.waitForURL(/\/sign-in\?next=%2Fnotes/)
  await other.locator('.flash-bad').waitFor()
  assert.deepEqual(other.complaints, [])
  await other.context().close()
}

export async function changePassword(traveller: Traveller) {
  const { world, page, password } = traveller
  await page.goto(`${world.app}/account/password`)
  const wanted = { 'New password': LAST_PASSWORD, 'Repeat the password': LAST_PASSWORD }
  await fill(page, { 'Current password': 'not the current one' })
  await fill(page, wanted)
  await press(page, /^(Change|Set) password$/)
  assert.notDeepEqual(await faults(page), [])
  await fill(page, { 'Current password': password })
  await press(page, /^(Change|Set) password$/)
  await said(page, 'Your password is changed. All other devices are signed out.')
  traveller.password = LAST_PASSWORD
}

/** A session that came with the new password has shown no factor yet. */
async function prove({ world, page, secret }: Traveller): Promise<void> {
  await heading(page, 'Please confirm that it is you')
  await press(page, 'Use the authenticator app')
  await world.latchkey.clock.advance('30s')
  await fill(page, { 'Code of the app': world.latchkey.totpCode(secret) })
  await press(page, 'Continue')
}

/** The new address counts once its owner has confirmed it; the old one hears of it. */
export async function changeAddress(traveller: Traveller) {
  const { world, page, email, password } = traveller
  const { latchkey } = world
  const next = `new-${email}`
  const before = await latchkey.lastMail(email)
  await page.goto(`${world.app}/account/email`)
  await fill(page, { 'New e-mail address': next })
  await fill(page, { 'Current password': password })
  await press(page, 'Change address')
  await prove(traveller)
  await said(page, `We have sent a mail to ${next}.`)
  await page.getByText('Until then your present address stays.').waitFor()
  const { link = '' } = await latchkey.lastMail(next)
  await page.goto(link)
  await press(page, 'Verify address')
  await said(page, `${next} is verified.`)
  await page.goto(`${world.app}/account/email`)
  await page.locator('.account-value').getByText(next).waitFor()
  const told = await latchkey.lastMail(email, { after: before })
  assert.match(told.link ?? '', /#purpose=undo_email/)
  traveller.email = next
}

/** The file has what was written, and no secret. */
export async function exportData({ world, page, name, email }: Traveller) {
  await page.goto(`${world.app}/account/data`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    press(page, 'Download my data'),
  ])
  assert.match(download.suggestedFilename(), new RegExp(`^${name}-.*\\.json$`))
  const text = await readFile(await download.path(), 'utf8')
  assert.ok(JSON.parse(text))
  for (const fact of [email, 'Milk', 'Boathouse']) assert.ok(text.includes(fact), fact)
  assert.doesNotMatch(text, /\$argon2/)
}

/** What happened is told, newest first. */
export async function readActivity({ page }: Traveller) {
  await follow(page, 'Activity')
  await page.locator('.list li').nth(19).waitFor()
  const newest = await page.locator('.list .row-name').allTextContents()
  assert.match(newest.join('\n'), /password/i)
  await page.getByText('This session').first().waitFor()
  await press(page, 'Show more')
  await page.locator('.list li').nth(20).waitFor()
}

/** The account goes, and with it every way into it. */
export async function deleteAccount({ world, page, name, password }: Traveller) {
  await page.goto(`${world.app}/account/data`)
  await follow(page, 'Delete the account …')
  await fill(page, { 'Current password': password })
  await fill(page, { [`Type ${name} to confirm`]: 'somebody else' })
  await press(page, 'Delete my account for ever')
  assert.deepEqual(await faults(page), ['username'])
  await fill(page, { [`Type ${name} to confirm`]: name })
  await press(page, 'Delete my account for ever')
  await heading(page, 'Your account is deleted')
  await page.goto(`${world.app}/dashboard`)
  await page.waitForURL(/\/sign-in/)
  await signIn(page, name, password)
  assert.equal((await faults(page)).length, 1)
}
