// Who gets which account, and what is left in it of those who had it before: the provider has
// verified the address or not, and there is an account of any kind or none.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { eventsOf } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { answerWith, codeOf } from '../support/challenges.ts'
import { mailsTo } from '../support/email.ts'
import { bearer } from '../support/factories.ts'
import { answerByApp, challengeIn, shownCode } from '../support/factors.ts'
import { type TestServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, returned, withProvider } from '../support/providers.ts'
import { QUIET } from '../support/resets.ts'
import {
  type Account,
  accountWith,
  hasLiveTokens,
  type Local,
  loginCode,
  type Remains,
  remainsOf,
} from '../support/squatters.ts'

type Place = Awaited<ReturnType<typeof withProvider>> & {
  people: Record<string, Record<string, unknown>>
}
type Fate = 'linked' | 'claimed' | 'refused'

const LOCALS: Local[] = (['unverified', 'verified', 'elsewhere'] as const).flatMap((address) =>
  [true, false].flatMap((hasPassword) =>
    (['none', 'totp', 'codes'] as const).flatMap((factors) =>
      [false, true].map((isDisabled) => ({ address, hasPassword, factors, isDisabled })),
    ),
  ),
)

/** The rules 2 to 4 of the contract, in one place. */
function fateOf({ address, isDisabled }: Local): Fate {
  if (isDisabled) return 'refused'
  return address === 'verified' ? 'linked' : 'claimed'
}

const SUBJECTS = {
  code: 'Your code for localhost:3000',
  identity_added: 'A new way to sign in to localhost:3000',
  account_claimed: 'Your account for localhost:3000 is yours alone now',
}

async function placeOf(t: TestContext, env: Record<string, string> = {}): Promise<Place> {
  const people: Place['people'] = {}
  const place = await withProvider(t, people, { env: { ...QUIET, ...env } })
  return { ...place, people }
}

/** Somebody at the provider who has this address there. */
function personWith({ people }: Place, email: string, isVerified: boolean): string {
  const login = uniqueName('person')
  people[login] = { email, email_verified: isVerified }
  return login
}

/** The answer of the client; where the provider has not verified the address, behind the code. */
async function arrive(place: Place, login: string, isVerified: boolean, look: () => Promise<void>) {
  const { server, provider } = place
  const back = await returned(server, provider, login)
  if (isVerified) return answerBack(server, back)
  const first = await answerBack(server, back)
  assert.equal(first.json().code, 'step_up_required', first.body)
  const { token, purpose } = challengeIn(first)
  assert.equal(purpose, 'verify_email')
  await look()
  const proved = await answerWith(server, token, codeOf(server, token))
  assert.equal(proved.statusCode, 200, proved.body)
  return answerBack(server, back)
}

type Cell = { place: Place; local: Local; isVerified: boolean }

async function tryCell({ place, local, isVerified }: Cell): Promise<void> {
  const { server } = place
  const account = await accountWith(server, local)
  const login = personWith(place, account.email, isVerified)
  const before = await remainsOf(server, account)
  const told = (await eventsOf(server, account.user.id)).length

  const answer = await arrive(place, login, isVerified, async () => {
    assert.deepEqual(await remainsOf(server, account), before, 'nothing changes before the proof')
  })

  const after = await remainsOf(server, account)
  const events = (await eventsOf(server, account.user.id)).slice(told)
  const expected = expectedOf(fateOf(local), local, { before, login, other: account.other })
  assert.deepEqual(after, expected.remains)
  assert.deepEqual(events.map(({ type }) => type).sort(), expected.events)
  const mails = await mailsTo(server, account.email)
  const notices = mails.filter(({ subject }) => subject !== SUBJECTS.code)
  assert.deepEqual(
    notices.map(({ subject }) => subject),
    expected.mails,
  )
  if (expected.answer === 'session') return assertIn(server, account, fateOf(local), answer)
  assertCode(answer, expected.answer)
  if (expected.answer !== 'second_factor_required') return
  await assertFactor(server, account, answer)
  const { identities } = await remainsOf(server, account)
  assert.deepEqual(identities, [account.other, login].sort(), 'linked behind the factor')
}

type Seen = { before: Remains; login: string; other: string }

/** What a cell of the matrix has to come to. */
function expectedOf(fate: Fate, { factors }: Local, { before, login, other }: Seen) {
  const sessions = before.sessions + 1
  const linked = { ...before, identities: [other, login].sort() }
  if (fate === 'refused')
    return { answer: 'invalid_credentials', remains: before, events: [], mails: [] }
  if (fate === 'claimed') {
    return {
      answer: 'session',
      remains: {
        ...{ ...before, passwordHash: null, pendingEmail: null, secondFactor: false },
        ...{ credentialVersion: before.credentialVersion + 1, deletionDueAt: null },
        ...{ emailVerified: true, verifiedElsewhere: false, factors: [], codes: 0, sessions: 1 },
        ...{ identities: [login], isDeviceKnown: false, isLocked: false },
      },
      events: ['account_claimed', 'identity_added', 'signed_in'],
      mails: [SUBJECTS.account_claimed],
    }
  }
  const mails = [SUBJECTS.identity_added]
  return factors === 'none'
    ? {
        ...{ answer: 'session', remains: { ...linked, sessions }, mails },
        events: ['identity_added', 'signed_in'],
      }
    : { answer: 'second_factor_required', remains: before, events: [], mails: [] }
}

function assertCode(answer: Awaited<ReturnType<typeof answerBack>>, code: string): void {
  const { challenge } = answer.json()
  const authenticate = ', acr_values="aal2"'
  const isAsked = code === 'second_factor_required'
  assertProblem(answer, code, isAsked ? { members: { challenge }, authenticate } : {})
}

/** A session of the account; those who had it before keep all or nothing. */
async function assertIn(
  server: TestServer,
  account: Account,
  fate: Fate,
  answer: Awaited<ReturnType<typeof answerBack>>,
): Promise<void> {
  assert.equal(answer.statusCode, 200, answer.body)
  const { user, access_token } = answer.json()
  assert.deepEqual([user.id, user.emailVerified], [account.user.id, true])
  const { amr, acr } = (await call(server, 'GET /verify', undefined, bearer(access_token))).json()
  assert.deepEqual([amr, acr], [['fed'], 'aal1'])
  assert.equal(await hasLiveTokens(server, account), fate === 'linked')
  const hasPassword = (await passwordOf(server, account)) !== null
  const expected = fate === 'linked' && hasPassword ? 'session' : 'invalid_credentials'
  assert.equal(await loginCode(server, account), expected)
}

async function passwordOf({ database }: TestServer, { user: { id } }: Account) {
  const row = await database.client.user.findUniqueOrThrow({ where: { id } })
  return row.passwordHash
}

/** The factor is that of the account, and the session says so. */
async function assertFactor(
  server: TestServer,
  { seed, user }: Account,
  asked: Awaited<ReturnType<typeof answerBack>>,
): Promise<void> {
  const { token, methods } = challengeIn(asked)
  assert.ok(methods.includes('totp'), String(methods))
  assert.ok(seed)
  const answer = await answerByApp(server, token, shownCode(server, { seed }))
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().user.id, user.id)
  const { access_token } = answer.json()
  const { amr, acr } = (await call(server, 'GET /verify', undefined, bearer(access_token))).json()
  assert.deepEqual([amr, acr], [['fed', 'otp', 'mfa'], 'aal2'])
}

const named = ({ address, hasPassword, factors, isDisabled }: Local) =>
  [
    ...[`address ${address}`, hasPassword ? 'a password' : 'no password', `factors ${factors}`],
    ...(isDisabled ? ['disabled'] : []),
  ].join(', ')

for (const isVerified of [true, false]) {
  const kind = isVerified ? 'verified by the provider' : 'verified by a mailed code'
  test(`an address ${kind}: what each kind of account comes to`, async (t) => {
    const place = await placeOf(t)
    for (const local of LOCALS) {
      const cell = { place, local, isVerified }
      await t.test(`${named(local)}: ${fateOf(local)}`, () => tryCell(cell))
    }
  })

  test(`an address ${kind}: without an account there is a new one`, async (t) => {
    const place = await placeOf(t)
    const { server, people } = place
    const email = `${uniqueName('mail')}@example.com`
    const login = personWith(place, email, isVerified)
    people[login] = { ...people[login], name: 'Ly Shark' }

    const answer = await arrive(place, login, isVerified, async () => {
      assert.equal(await server.database.client.user.count(), 0)
    })

    assert.equal(answer.statusCode, 201, answer.body)
    const { user, message } = answer.json()
    const { username, emailVerified, name } = user
    assert.deepEqual([username, emailVerified, name], ['LyShark', true, 'Ly Shark'])
    assert.equal(message, 'Welcome, LyShark!')
    const row = await server.database.client.user.findUniqueOrThrow({ where: { id: user.id } })
    assert.deepEqual([row.passwordHash, row.deletionDueAt], [null, null])
    const events = await eventsOf(server, user.id)
    assert.deepEqual(events.map(({ type }) => type).sort(), [
      ...['identity_added', 'registered', 'signed_in'],
    ])
    const code = isVerified ? [] : [SUBJECTS.code]
    assert.deepEqual(
      (await mailsTo(server, email)).map(({ subject }) => subject),
      code,
    )
  })
}
