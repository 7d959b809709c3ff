import { createConditional } from './conditional.ts'
import type { AddedFactor, Challenge, Latchkey, Proof, User } from './index.ts'
import { signalPasskeys, signalUser } from './signals.ts'
import { create, platform, use } from './webauthn.ts'

// Passkeys for the client: an entry of its own, so that only pages with passkeys load it.

const conditional = createConditional()

/** Whether this browser has WebAuthn. */
export function hasPasskeys(): boolean {
  return platform() !== undefined
}

type Adding = { name?: string; signal?: AbortSignal }

/**
 * Adds a passkey to the account of the signed-in user. @returns undefined if the user did not want
 * to @throws LatchkeyError; an InvalidStateError, if the device has one of this account already
 */
export async function addPasskey(
  latchkey: Latchkey,
  { name, signal }: Adding = {},
): Promise<AddedFactor | undefined> {
  const { token: challenge, passkey = {} } = await latchkey.factors.begin('add_passkey')
  const credential = await conditional.aside(() => create(passkey, signal))
  if (!credential) return undefined
  return latchkey.factors.add({ challenge, method: 'passkey', credential, name })
}

/** Removes a passkey, and tells the device, which then offers it no more. @throws LatchkeyError */
export async function removePasskey(latchkey: Latchkey, id: string): Promise<void> {
  const { items } = await latchkey.factors.list()
  await latchkey.factors.remove(id)
  const removed = items.filter((item) => item.id === id)
  await signalPasskeys(latchkey, removed).catch(() => undefined)
}

type SigningIn = {
  signal?: AbortSignal
  /** Offers passkeys in the field with `autocomplete="username webauthn"`, until one is used. */
  conditional?: boolean
  /** Hears why a sign-in failed that is offered again. */
  onError?: (error: unknown) => void
}

/**
 * Signs in with a passkey alone. @returns undefined if the user did not want to; conditionally when
 * `signal` has fired, somebody has signed in otherwise, or the browser cannot
 * @throws LatchkeyError: `invalid_credentials` …; conditionally nothing of a passkey
 */
export async function signInWithPasskey(
  latchkey: Latchkey,
  options: SigningIn = {},
): Promise<User | undefined> {
  const user = await (options.conditional
    ? conditional.signIn(latchkey, options)
    : signIn(latchkey, options))
  if (user) await signalPasskeys(latchkey).catch(() => undefined)
  return user
}

async function signIn(latchkey: Latchkey, { signal }: SigningIn): Promise<User | undefined> {
  const { token: challenge, passkey = {} } = await latchkey.requestSignIn()
  const credential = await conditional.aside(() => use(passkey, { signal }))
  return credential && latchkey.answerChallenge({ challenge, method: 'passkey', credential })
}

/** For `onStepUp`: asks for one of the passkeys of the account. @returns undefined as above */
export async function answerWithPasskey({ passkey = {} }: Challenge): Promise<Proof | undefined> {
  const credential = await conditional.aside(() => use(passkey))
  return credential && { method: 'passkey', credential }
}

/** Tells the device of each new name of the user. @returns a function that ends that */
export function followUser(latchkey: Latchkey): () => void {
  return latchkey.on('userChanged', () => {
    signalUser(latchkey).catch(() => undefined)
  })
}
