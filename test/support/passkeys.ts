import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Caller, Proven } from '../../src/features/challenges/purpose.ts'
import type { UserId } from '../../src/platform/ids.ts'
import {
  type Authenticator,
  createAuthenticator,
  type Forgery,
} from '../../src/testing/authenticator.ts'
import { call } from './answers.ts'
import { ORIGIN, type Person, signedUp } from './factories.ts'
import type { TestServer } from './helper.ts'

/** Somebody with a passkey, which was added long ago. */
export type WithPasskey = Person & { passkey: Authenticator }
type Wish = Parameters<typeof createAuthenticator>[0]

const device: Caller['device'] = { ip: '192.0.2.7', userAgent: null }

export const newNonce = () => randomBytes(32).toString('base64url')

/** The 16 bytes of the id of a user. */
export function handleOf({ user }: Pick<Person, 'user'>): string {
  return Buffer.from(user.id.replaceAll('-', ''), 'hex').toString('base64url')
}

type Given = { credential: unknown; nonce: string; userId?: string | null }

function givenOf({ credential, nonce, userId = null }: Given) {
  const proof = typeof credential === 'string' ? credential : JSON.stringify(credential)
  const challenge = { userId, methods: ['passkey'] }
  // The rest of challenge and caller says nothing of passkeys.
  return { proof, challenge, caller: { device }, nonce: () => nonce } as unknown as Parameters<
    TestServer['services']['passkeys']['proof']
  >[0]
}

/** Checks a proof, as a challenge of the user or of nobody does. */
export function prove({ services }: TestServer, given: Given): Promise<Proven | undefined> {
  return services.passkeys.proof(givenOf(given))
}

/** Checks the proof of a new passkey. */
export function proveNew({ services }: TestServer, given: Given): Promise<Proven | undefined> {
  return services.passkeys.newProof(givenOf(given))
}

/** Spends a proof, as the transaction of its effect does. */
export function spend({ database }: TestServer, proven: Proven | undefined): Promise<boolean> {
  return database.client.$transaction(async (tx) => {
    assert.ok(proven?.spend)
    return proven.spend(tx)
  })
}

/** Adds a passkey to an account behind the back of the server: no session ends. */
export async function givePasskey(
  server: TestServer,
  person: Person,
  wish: Wish & { first?: Forgery } = {},
): Promise<WithPasskey> {
  const { first, ...kind } = wish
  const passkey = createAuthenticator({ userHandle: handleOf(person), ...kind })
  const nonce = newNonce()
  const proven = await proveNew(server, { credential: passkey.create(nonce, first), nonce })
  assert.ok(proven?.factor)
  const { factor } = proven
  const { factorStore } = server.services
  await server.database.client.$transaction((tx) =>
    factorStore.insert(tx, person.user.id as UserId, factor),
  )
  return { ...person, passkey }
}

export async function personWithPasskey(
  server: TestServer,
  wish: Parameters<typeof givePasskey>[2] = {},
) {
  return givePasskey(server, await signedUp(server), wish)
}

/** From now on the password of the account needs a second factor. */
export async function askForFactor({ database }: TestServer, { user }: Person): Promise<void> {
  await database.client.user.update({ where: { id: user.id }, data: { secondFactor: true } })
}

export type PasskeyView = {
  token: string
  methods: string[]
  expiresIn: number
  passkey: {
    challenge: string
    rpId: string
    userVerification: string
    allowCredentials?: { id: string }[]
  }
}

/** Begins a sign-in that any passkey completes. */
export async function begunByPasskey(server: TestServer, transport?: string): Promise<PasskeyView> {
  const body = { purpose: 'sign_in', ...(transport ? { transport } : {}) }
  const answer = await call(server, 'POST /challenges', body, { origin: ORIGIN })
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json<PasskeyView>()
}

/** Answers a challenge with what an authenticator has signed. */
export function answerByPasskey(
  server: TestServer,
  token: string,
  credential: object,
  headers: Record<string, string> = {},
) {
  const body = { challenge: token, method: 'passkey', credential }
  return call(server, 'POST /challenges/answer', body, { origin: ORIGIN, ...headers })
}

/** The passkeys of an account, as they are stored. */
export function passkeysOf({ database }: TestServer, { user }: Person) {
  return database.client.factor.findMany({ where: { userId: user.id, kind: 'passkey' } })
}
