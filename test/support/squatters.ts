import assert from 'node:assert/strict'
import type { UserId } from '../../src/platform/ids.ts'
import { call } from './answers.ts'
import { bearer, PASSWORD, type Person, refresh, signedUp } from './factories.ts'
import { giveApp, type WithApp } from './factors.ts'
import { type TestServer, uniqueName } from './helper.ts'
import { DAY, PAUSE } from './lockout.ts'

/** What is known of an account before a person arrives whose provider names its address. */
export type Local = {
  address: 'unverified' | 'verified' | 'elsewhere'
  hasPassword: boolean
  factors: 'none' | 'totp' | 'codes'
  isDisabled: boolean
}

export type Account = Person & Partial<Pick<WithApp, 'seed'>> & { device: string; other: string }

/** An account with all that a squatter could have put into it. */
export async function accountWith(server: TestServer, local: Local): Promise<Account> {
  const { address, hasPassword, factors, isDisabled } = local
  const { client } = server.database
  const registered = await signedUp(server)
  const id = registered.user.id as UserId
  const person = factors === 'none' ? registered : await giveApp(server, registered)
  if (factors === 'codes') await giveCodes(server, id)
  const other = uniqueName('other')
  const facts = { issuer: 'https://other.example', provider: 'other', email: null }
  await client.$transaction((tx) =>
    server.services.identityStore.insert(tx, id, { ...facts, subject: other }, false),
  )
  const pendingEmail = `${uniqueName('pending')}@example.com`
  await client.user.update({
    where: { id },
    data: {
      ...{ emailVerified: address !== 'unverified', verifiedElsewhere: address === 'elsewhere' },
      ...{ pendingEmail, pendingEmailKey: pendingEmail },
      ...(hasPassword ? {} : { passwordHash: null }),
      ...(isDisabled ? { disabledAt: new Date(server.clock()) } : {}),
    },
  })
  // Only the first session of an account is as old as it.
  server.clock.advance(1)
  const now = server.clock()
  await client.signInFailures.create({
    data: {
      ...{ subject: id, device: 'unknown', failures: 10 },
      lockedUntil: new Date(now + PAUSE * 1000),
      expiresAt: new Date(now + DAY * 1000),
    },
  })
  const user = await rowOf(server, id)
  const device = server.services.knownDevices.remember(undefined, user)
  return { ...person, device, other }
}

async function giveCodes(server: TestServer, id: UserId): Promise<void> {
  const { factorStore } = server.services
  await server.database.client.$transaction(async (tx) => {
    const factorId = await factorStore.insert(tx, id, {
      ...{ kind: 'recovery', secret: 'salt', counter: 0n },
    })
    await tx.recoveryCode.createMany({ data: [{ factorId, hash: 'a hash' }] })
  })
}

async function rowOf({ database }: TestServer, id: string) {
  const row = await database.client.user.findUniqueOrThrow({ where: { id } })
  return { ...row, id: row.id as UserId }
}

/** What is left in an account. */
export async function remainsOf(server: TestServer, { user: { id }, device }: Account) {
  const { client } = server.database
  const { services } = server
  const row = await rowOf(server, id)
  const factors = await client.factor.findMany({ where: { userId: id } })
  const codes = await client.recoveryCode.count({ where: { factor: { userId: id } } })
  const identities = await client.identity.findMany({ where: { userId: id } })
  const sessions = await client.session.count({ where: { userId: id, revokedAt: null } })
  return {
    ...{ passwordHash: row.passwordHash, pendingEmail: row.pendingEmail },
    ...{ credentialVersion: row.credentialVersion, secondFactor: row.secondFactor },
    ...{ emailVerified: row.emailVerified, verifiedElsewhere: row.verifiedElsewhere },
    ...{ disabledAt: row.disabledAt, deletionDueAt: row.deletionDueAt },
    factors: factors.map(({ kind }) => kind).sort(),
    ...{ codes, sessions },
    identities: identities.map(({ subject }) => subject).sort(),
    isDeviceKnown: services.knownDevices.recognize(device, row) !== undefined,
    isLocked: await services.lockout.isClosedTo(id, undefined),
  }
}

export type Remains = Awaited<ReturnType<typeof remainsOf>>

/** Whether the tokens of before are alive: both, or neither. */
export async function hasLiveTokens(server: TestServer, account: Account): Promise<boolean> {
  const access = await call(server, 'GET /verify', undefined, bearer(account.access_token))
  const renewed = await refresh(server, account.refresh_token)
  assert.equal(access.statusCode, renewed.statusCode, `${access.body} ${renewed.body}`)
  return access.statusCode === 200
}

/** What the password of before gets, where no pause keeps everybody out. */
export async function loginCode(server: TestServer, { username, user }: Account): Promise<string> {
  await server.database.client.signInFailures.deleteMany({ where: { subject: user.id } })
  const answer = await call(server, 'POST /login', { username, password: PASSWORD })
  return answer.statusCode === 200 ? 'session' : answer.json<{ code: string }>().code
}
