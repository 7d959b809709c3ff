// The first half of the journey: an account, and every way into it.
import assert from 'node:assert/strict'
import { addAuthenticator } from '../../support/browser-passkeys.ts'
import { follow, heading, press, type SpaPage, said } from '../../support/spa-pages.ts'
import {
  faults,
  fill,
  newBrowser,
  sessionCookie,
  signIn,
  type World,
} from '../../support/spa-world.ts'

/** Somebody on the way through the application, and what they know. */
export type Traveller = {
  world: World
  page: SpaPage
  name: string
  email: string
  password: string
  /** Of the authenticator app, once there is one. */
  secret: string
}

const FIRST_PASSWORD = 'a green door and a brass bell'
const NEW_PASSWORD = 'three herons on a wooden pier'

/** Somebody new, on the start page. */
export async function newcomer(world: World, name: string): Promise<Traveller> {
  const page = await newBrowser(world)
  return { world, page, name, email: `${name}@example.com`, password: FIRST_PASSWORD, secret: '' }
}

/** Every field says what is wrong with it: first by itself, then by the server. */
export async function register({ world, page, name, email, password }: Traveller) {
  await follow(page, 'Create account')
  await press(page, 'Create account')
  assert.deepEqual(await faults(page), ['username', 'email', 'password', 'repeated'])
  assert.equal(await page.evaluate('document.activeElement.name'), 'username')

  await fill(page, { Username: 'x', 'E-mail address': 'nowhere' })
  await fill(page, { Password: 'short', 'Repeat the password': 'shorter' })
  await press(page, 'Create account')
  assert.deepEqual(await faults(page), ['repeated'])
  await fill(page, { 'Repeat the password': 'short' })
  await press(page, 'Create account')
  await page.locator('[name=username][aria-invalid]').waitFor()
  assert.deepEqual(await faults(page), ['username', 'email', 'password'])

  await fill(page, { Username: name, 'E-mail address': email })
  await fill(page, { Password: password, 'Repeat the password': password })
  await press(page, 'Create account')
  await said(page, `Welcome, ${name}!`)
  await page.waitForURL(`${world.app}/dashboard`)
  await assertHidden(page)
}

/** The refresh token is in a cookie that no script reads, and the page keeps no token anywhere. */
async function assertHidden(page: SpaPage): Promise<void> {
  const cookie = await sessionCookie(page.context())
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict'])
  const kept = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
  )
  assert.doesNotMatch(String(kept), /eyJ[\w-]+\.[\w-]+\./)
}

export async function verify({ world, page, email }: Traveller) {
  await page.getByText(`${email} is not verified yet.`).or(page.getByText('not verified')).first()
  await follow(page, 'To your account')
  await page.getByText(`${email} is not verified yet.`).waitFor()
  const { link = '' } = await world.latchkey.lastMail(email)
  assert.ok(link.startsWith(`${world.app}/mail#`), link)
  await page.goto(link)
  await press(page, 'Verify address')
  await said(page, `${email} is verified.`)
  await page.getByText('verified', { exact: true }).waitFor()
  assert.doesNotMatch(page.url(), /code=/)
}

export async function signOut({ world, page }: Pick<Traveller, 'world' | 'page'>) {
  await page.locator('.header').getByRole('button', { name: 'Sign out' }).click()
  await heading(page, 'You are signed out')
  assert.equal(page.url(), `${world.app}/goodbye`)
  assert.equal(await sessionCookie(page.context()), undefined)
}

/** A page that needs a session asks for one, and is there afterwards. */
export async function signInByName({ world, page, name, password }: Traveller) {
  await page.goto(`${world.app}/notes`)
  await page.waitForURL(/\/sign-in\?next=%2Fnotes$/)
  await signIn(page, name, 'not this one at all')
  assert.equal((await faults(page)).length, 1)
  await signIn(page, name, password)
  await heading(page, 'Notes')
  await follow(page, 'Dashboard')
  await page.getByText(`Welcome back, ${name}!`).or(page.getByText(name)).first().waitFor()
}

export async function signInByAddress({ world, page, email, password }: Traveller) {
  await follow(page, 'Sign in again')
  await signIn(page, email.toUpperCase(), password)
  await page.waitForURL(`${world.app}/dashboard`)
}

export async function signInByMail({ world, page, name, email }: Traveller) {
  const before = await world.latchkey.lastMail(email)
  await follow(page, 'Sign in again')
  await follow(page, 'Sign in with a code by mail')
  await fill(page, { 'Username or e-mail address': name })
  await press(page, 'Send me a code')
  const { code = '' } = await world.latchkey.lastMail(email, { after: before })
  await fill(page, { Code: wrong(code) })
  await press(page, 'Sign in')
  await page.getByText('more tries').waitFor()
  await fill(page, { Code: `${code.slice(0, 4)} ${code.slice(4)}` })
  await press(page, 'Sign in')
  await page.waitForURL(`${world.app}/dashboard`)
}

/** Another code of as many digits. */
const wrong = (code: string) => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10))

export async function forgetPassword(traveller: Traveller) {
  const { world, page, email, name } = traveller
  const before = await world.latchkey.lastMail(email)
  await follow(page, 'Sign in again')
  await follow(page, 'Forgot your password?')
  await fill(page, { 'Username or e-mail address': email })
  await press(page, 'Send me a code')
  const { code = '' } = await world.latchkey.lastMail(email, { after: before })
  await fill(page, { Code: code, 'New password': 'password1', 'Repeat the password': 'password1' })
  await press(page, 'Set new password')
  assert.deepEqual(await faults(page), ['password'])
  await fill(page, { 'New password': NEW_PASSWORD, 'Repeat the password': NEW_PASSWORD })
  await press(page, 'Set new password')
  await said(page, 'Your password is changed. Sign in with it.')
  await signIn(page, name, traveller.password)
  assert.equal((await faults(page)).length, 1)
  traveller.password = NEW_PASSWORD
  await signIn(page, name, NEW_PASSWORD)
  await page.waitForURL(`${world.app}/dashboard`)
}

/** An authenticator app, its codes, and the codes for the day when it is lost. */
export async function useSecondFactor(traveller: Traveller) {
  const { world, page, name, password } = traveller
  const { latchkey } = world
  await page.goto(`${world.app}/account/sign-in`)
  await follow(page, 'Set up an app')
  const secret = (await page.locator('.qr-secret').textContent()) ?? ''
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  traveller.secret = secret
  await fill(page, { 'Code of the app': latchkey.totpCode(secret) })
  await press(page, 'Switch on')
  await said(page, 'The authenticator app is set up, and two-step sign-in is on.')
  const codes = await page.locator('.codes li').allTextContents()
  assert.equal(codes.length, 10)
  await press(page, 'I have kept them')
  await page.getByText('10 codes are left.').waitFor()

  await signOut({ world, page })
  await follow(page, 'Sign in again')
  await signIn(page, name, password)
  await heading(page, 'One more step')
  await fill(page, { 'Code of the app': '000000' })
  await press(page, 'Continue')
  await page.getByText('That is not right.').waitFor()
  await latchkey.clock.advance('30s')
  await fill(page, { 'Code of the app': latchkey.totpCode(secret) })
  await press(page, 'Continue')
  await page.waitForURL(`${world.app}/dashboard`)

  await signOut({ world, page })
  await follow(page, 'Sign in again')
  await signIn(page, name, password)
  await press(page, 'Use a recovery code')
  await fill(page, { 'Recovery code': codes[0] ?? '' })
  await press(page, 'Continue')
  await page.waitForURL(`${world.app}/dashboard`)
  await page.goto(`${world.app}/account/recovery-codes`)
  await page.getByText('9 codes are left.').waitFor()
}

/** A passkey of this device, which signs in without a name, a password or a second step. */
export async function usePasskey({ world, page }: Traveller) {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  const authenticatorId = await addAuthenticator(devTools)
  await page.goto(`${world.app}/account/sign-in`)
  await press(page, 'Add a passkey')
  await page.getByRole('dialog').getByRole('button', { name: 'Add a passkey' }).click()
  await said(page, 'The passkey is added: it signs you in from now on.')
  const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId })
  assert.equal(credentials.length, 1)

  // First by the button alone, then as the browser offers it in the field.
  for (const isOffered of [false, true]) {
    await signOut({ world, page })
    await page.evaluate(
      `PublicKeyCredential.isConditionalMediationAvailable = async () => ${isOffered}`,
    )
    await follow(page, 'Sign in again')
    if (!isOffered) await press(page, 'Sign in with a passkey')
    await page.waitForURL(`${world.app}/dashboard`)
  }
  await devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
}

/** Somebody whom only the provider knows gets an account by the first sign-in. */
export async function comeFromProvider({ world }: Traveller) {
  const page = await newBrowser(world, '/register')
  await press(page, 'Continue with Demo provider')
  await follow(page, 'Do not sign in')
  await page.getByText('You have declined at the provider.').waitFor()
  await page.locator('main').getByRole('link', { name: 'Sign in' }).click()
  await follow(page, 'Create account')
  await fill(page, { Username: 'babs' })
  await press(page, 'Continue with Demo provider')
  await follow(page, 'Barbara')
  await page.waitForURL(`${world.app}/dashboard`)
  await page.getByText('barbara@example.com').waitFor()
  await signOut({ world, page })
  // The provider forgets her, too.
  await page.context().clearCookies({ name: '_session' })
  await follow(page, 'Sign in again')
  await press(page, 'Continue with Demo provider')
  await follow(page, 'Barbara')
  await page.waitForURL(`${world.app}/dashboard`)
  await page.getByText('barbara@example.com').waitFor()
  assert.equal(await page.evaluate('location.hash'), '')
  assert.deepEqual(page.complaints, [])
  await page.context().close()
}
