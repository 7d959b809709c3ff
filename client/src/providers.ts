import type { components } from './api-types.ts'
import type { Latchkey, LatchkeyStorage, Problem, User } from './index.ts'
import { createPending, type Pending } from './pending.ts'
import { pkce as makePkce, type Pkce } from './pkce.ts'
import { randomKey } from './random-key.ts'

// Sign-in with outside providers: an entry of its own, so that only pages with them load it.

type Schemas = components['schemas']
export type Provider = Schemas['Provider']
export type Identity = Schemas['Identity']
export type { Pkce }

/** What the address says, or that the client which reads it has begun nothing. */
type Code = 'access_denied' | 'challenge_over' | 'provider_unavailable' | 'not_begun_here'

/** Why a provider has signed nobody in; what the server refuses is a `LatchkeyError`. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code: Code

  constructor(code: Code) {
    super(`The sign-in with the provider ended: ${code}`)
    this.code = code
  }
}

type Kept = {
  /** Where the secret waits for the browser to come back; by default `sessionStorage`. */
  storage?: LatchkeyStorage
}
type Beginning = Kept & {
  /** One of the server's `RETURN_URLS`; by default the page's origin with `/`. */
  returnTo?: string
  /** For platforms without Web Crypto: a new secret, and its SHA-256, both in base64url. */
  pkce?: Pkce
}
type Finishing = Kept & {
  /** What the app was opened with; by default the page's address, which is then cleaned. */
  url?: string
  /** Of a new account; without one, the server makes it. */
  username?: string
}

/** Who is signed in, and what `link` has added. */
export type Finished = { user: User | null; identity?: Identity }

/** The providers of the server, for buttons. @throws LatchkeyError */
export async function providers(latchkey: Latchkey): Promise<Provider[]> {
  return (await latchkey.call<Schemas['ProviderList']>('GET /providers')).items
}

/** Sends the browser to a provider; it comes back to `finishSignIn`. @throws LatchkeyError */
export async function signInWith(
  latchkey: Latchkey,
  provider: string,
  options: Beginning = {},
): Promise<void> {
  go(await signInUrl(latchkey, provider, options))
}

/** The same for apps, which open the address themselves. @throws LatchkeyError */
export function signInUrl(
  latchkey: Latchkey,
  provider: string,
  options: Beginning = {},
): Promise<string> {
  return begin(latchkey, provider, options, 'sign_in')
}

/** Adds a provider to the account of the signed-in user, by way of the browser. @throws LatchkeyError */
export async function link(
  latchkey: Latchkey,
  provider: string,
  options: Beginning = {},
): Promise<void> {
  go(await linkUrl(latchkey, provider, options))
}

/** The same for apps, which open the address themselves. @throws LatchkeyError */
export function linkUrl(
  latchkey: Latchkey,
  provider: string,
  options: Beginning = {},
): Promise<string> {
  return begin(latchkey, provider, options, 'add_identity')
}

/** The accounts at providers that sign the user in. @throws LatchkeyError */
export async function identities(latchkey: Latchkey): Promise<Identity[]> {
  return (await latchkey.call<Schemas['IdentityList']>('GET /identities')).items
}

/** Removes one; all other sessions end. @throws LatchkeyError: `last_credential` … */
export function unlink(latchkey: Latchkey, id: string): Promise<void> {
  return latchkey.call(`DELETE /identities/${id}`)
}

/** What is under way: a page may ask twice, such as React does in development. */
const underWay = new WeakMap<Latchkey, Promise<Finished | undefined>>()

/**
 * Ends what `signInWith` or `link` has begun, on the page that the browser came back to. Where
 * something has to be done first, do it and call this again: it keeps the challenge meanwhile.
 * @returns undefined where the page was opened otherwise
 * @throws ProviderError; LatchkeyError: `second_factor_required`, `step_up_required`,
 *   `username_taken`, `registration_closed`, `email_unverified` …
 */
export function finishSignIn(
  latchkey: Latchkey,
  options: Finishing = {},
): Promise<Finished | undefined> {
  const running = underWay.get(latchkey)
  if (running) return running
  const work = finish(latchkey, options).finally(() => underWay.delete(latchkey))
  underWay.set(latchkey, work)
  return work
}

async function begin(
  latchkey: Latchkey,
  provider: string,
  { storage, returnTo = `${location()?.origin}/`, pkce }: Beginning,
  purpose: Pending['purpose'],
): Promise<string> {
  const { codeVerifier, codeChallenge } = pkce ?? (await makePkce())
  const by = { provider, codeChallenge, returnTo }
  const { url } = await (purpose === 'sign_in'
    ? latchkey.requestSignIn(by)
    : latchkey.call<{ url: string }>('POST /challenges', { body: { purpose, ...by } }))
  await createPending(latchkey, storage).write({ purpose, codeVerifier, key: randomKey() })
  return url
}

async function finish(latchkey: Latchkey, options: Finishing): Promise<Finished | undefined> {
  // Before anything else, so that nothing else sees it.
  const came = takenFrom(options.url)
  const kept = createPending(latchkey, options.storage)
  const pending = await pendingOf(came, kept)
  if (!pending) return undefined
  try {
    const finished = await answer(latchkey, pending, options)
    await kept.clear()
    return finished
  } catch (failure) {
    const { problem } = failure as Failure
    if (!isRepeatable(problem)) await kept.clear()
    // The secret is not the one that the challenge was made for.
    throw problem?.attemptsLeft === undefined ? failure : new ProviderError('not_begun_here')
  }
}

/** @returns undefined where there is nothing to answer @throws ProviderError */
async function pendingOf(
  { challenge, error }: Came,
  kept: ReturnType<typeof createPending>,
): Promise<Pending | undefined> {
  const begun = await kept.read()
  if (error) {
    await kept.clear()
    // Somebody who came back twice is told nothing: the first time has counted.
    if (begun) throw new ProviderError(error as Code)
    return undefined
  }
  if (!challenge) return begun?.challenge ? begun : undefined
  // Somebody else may have made the link, to sign this browser in to an account of his own.
  if (!begun) throw new ProviderError('not_begun_here')
  return kept.returned(begun, challenge)
}

async function answer(
  latchkey: Latchkey,
  { purpose, codeVerifier, challenge = '', key }: Pending,
  { username }: Finishing,
): Promise<Finished> {
  const body = { challenge, method: 'oidc' as const, codeVerifier }
  if (purpose === 'sign_in')
    return { user: await latchkey.answerChallenge({ ...body, username }, key) }
  const identity = await latchkey.call<Identity>('POST /challenges/answer', { body, key })
  return { user: latchkey.user, identity }
}

type Failure = { problem?: Pick<Problem, 'code' | 'action' | 'attemptsLeft'> }

/** Whether the same answer may be right later: a second factor has a challenge of its own. */
function isRepeatable(problem: Failure['problem']): boolean {
  if (!problem || problem.action === 'retry') return true
  return ['step_up_required', 'username_taken', 'validation_failed'].includes(problem.code)
}

type Location = { origin: string; href: string; assign(url: string): void }
type Browser = {
  location?: Location
  history?: { state: unknown; replaceState(state: unknown, unused: string, url: string): void }
}

function location(): Location | undefined {
  return (globalThis as Browser).location
}

function go(url: string): void {
  location()?.assign(url)
}

type Came = { challenge?: string; error?: string }

/** What a provider brought, and nothing of other links, such as those of mails. */
function takenFrom(given: string | undefined): Came {
  const url = given ?? location()?.href ?? ''
  const [fragment, name = '', value = ''] = /#(challenge|error)=([\w-]+)$/.exec(url) ?? []
  if (!fragment) return {}
  const { history } = globalThis as Browser
  if (given === undefined) history?.replaceState(history.state, '', url.slice(0, -fragment.length))
  return { [name]: value }
}
