// Every step that writes, with its answer lost: the server has done it, and nobody knows. It can be
// sent again, or the client does so by itself, and nothing happens twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Person } from '../../../src/testing/types.ts'
import { addAuthenticator } from '../../support/browser-passkeys.ts'
import { follow, heading, press, said } from '../../support/spa-pages.ts'
import {
  fill,
  newBrowser,
  sessionCookie,
  signedInBrowser,
  signIn,
  spaWorld,
} from '../../support/spa-world.ts'

const PASSWORD = 'a kite above the empty harbour'

const world = await spaWorld()
const { app, latchkey, host } = world

/** A step of somebody who is signed in. */
type Step = {
  /** What its answer answers. */
  line: string
  /** All but the last click; what is done again afterwards is `send`. */
  prepare: (page: Page, person: Person) => Promise<unknown>
  send: (page: Page) => Promise<unknown>
  /** What is seen once it is done. */
  done: (page: Page, person: Person) => Promise<unknown>
  /** What the server has noted of it, once each. */
  noted: string[]
}

const save = (page: Page) => page.locator('main form button[type=submit]').first().click()
const confirm = (page: Page) => page.locator('dialog .button-danger, dialog .button-main').click()

const steps: Record<string, Step> = {
  'a new name': {
    line: 'PATCH /me',
    prepare: (page) => open(page, '/account/profile', { Name: 'Ada' }),
    send: save,
    done: (page) => said(page, 'Saved.'),
    noted: ['profile_changed'],
  },
  'another username': {
    line: 'PATCH /me',
    prepare: (page, { username, password }) =>
      open(page, '/account/profile', { Username: `${username}-2`, 'Current password': password }),
    send: (page) => press(page, 'Change username'),
    done: (page, { username }) => said(page, `You sign in as ${username}-2 from now on.`),
    noted: ['profile_changed'],
  },
  'another address': {
    line: 'PATCH /me',
    prepare: (page, { email, password }) =>
      open(page, '/account/email', {
        'New e-mail address': `new-${email}`,
        'Current password': password,
      }),
    send: (page) => press(page, 'Change address'),
    done: (page, { email }) => said(page, `We have sent a mail to new-${email}.`),
    noted: ['email_change_asked'],
  },
  'another password': {
    line: 'PUT /password',
    prepare: (page, { password }) =>
      open(page, '/account/password', {
        'Current password': password,
        'New password': PASSWORD,
        'Repeat the password': PASSWORD,
      }),
    send: save,
    done: (page) => said(page, 'Your password is changed. All other devices are signed out.'),
    noted: ['password_changed'],
  },
  'an authenticator app': {
    line: 'POST /challenges/answer',
    async prepare(page) {
      await open(page, '/account/sign-in/app')
      const secret = await page.locator('.qr-secret').textContent()
      await fill(page, { 'Code of the app': latchkey.totpCode(secret ?? '') })
    },
    send: save,
    done: (page) => page.locator('.codes li').nth(9).waitFor(),
    noted: ['factor_added'],
  },
  'a passkey': {
    line: 'POST /challenges/answer',
    async prepare(page) {
      const devTools = await page.context().newCDPSession(page)
      await devTools.send('WebAuthn.enable')
      await addAuthenticator(devTools)
      await open(page, '/account/sign-in')
      await press(page, 'Add a passkey')
    },
    send: (page) => page.getByRole('dialog').getByRole('button', { name: 'Add a passkey' }).click(),
    done: (page) => said(page, 'The passkey is added: it signs you in from now on.'),
    noted: ['factor_added'],
  },
  'the other sessions': {
    line: 'DELETE /sessions',
    async prepare(page, person) {
      await latchkey.signedIn(person)
      await open(page, '/account/devices')
      await press(page, 'Sign out the others')
    },
    send: confirm,
    done: (page) => page.getByText('You are signed in nowhere else.').waitFor(),
    noted: ['session_revoked'],
  },
  'one session': {
    line: 'DELETE /sessions/*',
    async prepare(page, person) {
      await latchkey.signedIn(person)
      await open(page, '/account/devices')
    },
    send: (page) => page.getByRole('button', { name: /^Sign out latchkey/ }).click(),
    done: (page) => page.getByText('You are signed in nowhere else.').waitFor(),
    noted: ['session_revoked'],
  },
  'a sign-out': {
    line: 'POST /logout',
    prepare: (page) => open(page, '/notes'),
    send: (page) => press(page, 'Sign out'),
    async done(page) {
      await heading(page, 'You are signed out')
      assert.equal(await sessionCookie(page.context()), undefined)
    },
    noted: ['signed_out'],
  },
  'a deleted account': {
    line: 'DELETE /me',
    prepare: (page, { username, password }) =>
      open(page, '/account/delete', {
        'Current password': password,
        [`Type ${username} to confirm`]: username,
      }),
    send: save,
    done: (page) => heading(page, 'Your account is deleted'),
    noted: ['account_deleted'],
  },
}

for (const [what, { line, prepare, send, done, noted }] of Object.entries(steps)) {
  test(`A lost answer, ${what}: it is sent again, and done once`, async () => {
    const { page, person } = await signedInBrowser(world)
    await prepare(page, person)
    const before = await eventsOf(person.id)

    await loseAnswer(line)
    await sendUntilDone(page, { send: () => send(page), done: () => done(page, person) })

    assert.deepEqual((await eventsOf(person.id)).slice(before.length), noted)
    assert.deepEqual(page.complaints, [])
    await page.context().close()
  })
}

test('A lost answer, an account: it is there once, and its owner is signed in', async () => {
  const page = await newBrowser(world, '/register')
  await fill(page, { Username: 'lost', 'E-mail address': 'lost@example.com' })
  await fill(page, { Password: PASSWORD, 'Repeat the password': PASSWORD })

  await loseAnswer('POST /register')
  await sendUntilDone(page, {
    send: () => press(page, 'Create account'),
    done: () => page.waitForURL(`${app}/dashboard`),
  })

  const { user } = host.latchkey.database.client
  const { id } = await user.findFirstOrThrow({ where: { username: 'lost' } })
  // The page signs in by the password, from what is a new device to the server.
  assert.deepEqual((await eventsOf(id)).sort(), ['registered', 'signed_in', 'signed_in'])
  const links = (await latchkey.mails('lost@example.com')).map(({ link }) => link ?? '')
  assert.equal(links.filter((link) => link.includes('purpose=verify_email')).length, 1)
  await page.context().close()
})

test('A lost answer, a sign-in: by a password, and by the code of a mail', async () => {
  const person = await latchkey.aUser()
  const page = await newBrowser(world, '/sign-in')
  await loseAnswer('POST /login')
  await sendUntilDone(page, {
    send: () => signIn(page, person.username, person.password),
    done: () => page.waitForURL(`${app}/dashboard`),
  })
  await press(page, 'Sign out')
  await follow(page, 'Sign in again')
  await follow(page, 'Sign in with a code by mail')
  await fill(page, { 'Username or e-mail address': person.username })
  await loseAnswer('POST /challenges')
  await sendUntilDone(page, {
    send: () => press(page, 'Send me a code'),
    done: () => page.getByLabel('Code').waitFor(),
  })
  const { code = '' } = await latchkey.lastMail(person)
  await fill(page, { Code: code })
  const before = await eventsOf(person.id)

  await loseAnswer('POST /challenges/answer')
  await sendUntilDone(page, {
    send: () => press(page, 'Sign in'),
    done: () => page.waitForURL(`${app}/dashboard`),
  })

  assert.deepEqual((await eventsOf(person.id)).slice(before.length), ['signed_in'])
  await page.context().close()
})

test('A lost answer, a forgotten password and an address: each link and code works once', async () => {
  const person = await latchkey.aUser({ emailVerified: false })
  const page = await newBrowser(world, '/forgot-password')
  await fill(page, { 'Username or e-mail address': person.email })
  await press(page, 'Send me a code')
  const { link = '' } = await latchkey.lastMail(person)
  await page.goto(link)
  await fill(page, { 'New password': PASSWORD, 'Repeat the password': PASSWORD })
  const before = await eventsOf(person.id)

  await loseAnswer('POST /challenges/answer')
  await sendUntilDone(page, {
    send: () => press(page, 'Set new password'),
    done: () => said(page, 'Your password is changed. Sign in with it.'),
  })
  const after = await eventsOf(person.id)
  await signIn(page, person.username, PASSWORD)
  await page.waitForURL(`${app}/dashboard`)

  assert.deepEqual(
    after.slice(before.length).filter((type) => type === 'password_reset'),
    ['password_reset'],
  )
  await page.context().close()
})

/** A page of the application, with its fields filled in. */
async function open(page: Page, path: string, values: Record<string, string> = {}): Promise<void> {
  await page.goto(app + path)
  await page.locator('main h1').waitFor()
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
  await fill(page, values)
}

/** The server has done its work, and the connection breaks before the next such answer is there. */
function loseAnswer(line: string) {
  const [method = '', path = ''] = line.split(' ')
  return latchkey.dropNextResponse({ method, path })
}

type Sending = { send: () => Promise<unknown>; done: () => Promise<unknown> }

/** Once more where the page says that no answer came; what the client repeats is not seen. */
async function sendUntilDone(page: Page, { send, done }: Sending): Promise<void> {
  const isLost = page.waitForEvent('requestfailed')
  await send()
  await isLost
  const unanswered = page.getByText('The server gave no answer.').first()
  const first = await Promise.race([
    done().then(() => 'done'),
    unanswered.waitFor().then(() => 'unanswered'),
  ])
  if (first === 'done') return
  await send()
  await done()
}

/** What the server has noted of an account so far, oldest first. */
async function eventsOf(userId: string): Promise<string[]> {
  const { services, database } = host.latchkey
  await services.audit.written()
  const rows = await database.client.auditEvent.findMany({
    where: { userId },
    orderBy: { id: 'asc' },
  })
  return rows.map(({ type }) => type)
}
