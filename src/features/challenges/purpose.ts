import type { TObject } from 'typebox'
import type { Acr } from '../../contract/authentication.ts'
import type { ChallengeView, Method, ProviderRedirect } from '../../contract/challenge.ts'
import type { NewFactor } from '../../contract/factor.ts'
import type { IssuedSession } from '../../contract/issued-session.ts'
import type { Transport } from '../../contract/session.ts'
import type { Text } from '../../languages/text.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Challenge } from './challenge.ts'

/** Who asks, as far as a purpose may know. */
export type Caller = {
  device: Device
  /** The device cookie and the refresh cookie as they came. */
  deviceCookie: string | undefined
  refreshCookie: string | undefined
  /**
   * By the access token; a purpose that needs none ignores a dead one.
   * @throws Unauthenticated, InvalidToken, TokenExpired, SessionEnded
   */
  signedIn: () => Promise<SignedIn>
  /** The same by a token that has expired, or was renewed. */
  onceSignedIn: () => Promise<SignedIn>
  requireAllowedOrigin: () => void
}

/** What an access token says of its session. */
export type SignedIn = {
  userId: UserId
  sessionId: SessionId
  /** Of the last proof of identity, in seconds since 1970. */
  authTime: number
  amr: readonly string[]
  acr: Acr
}

export type StartFields = {
  login?: string
  transport?: Transport
  provider?: string
  codeChallenge?: string
  returnTo?: string
}

export type AnswerFields = {
  newPassword?: string
  /** Of a new factor. */
  name?: string
  /** Whether this browser may leave out the second factor from now on. */
  trustDevice?: boolean
  /** Of a new account. */
  username?: string
}

/** A proof as it was sent. */
export type GivenProof = {
  /** A code, a password, or a credential as JSON. */
  proof: string
  challenge: Challenge
  caller: Caller
  /** The 32 bytes that a passkey has to sign for this challenge, in base64url. */
  nonce: () => string
}

/** What a right proof has shown. */
export type Proven = {
  /** How, as `amr` names it (RFC 8176). */
  amr: readonly string[]
  /** Whose it is, where the challenge does not say. */
  userId?: UserId
  /**
   * Spends a proof that is good only once, behind the effect and in its transaction, which is
   * undone where this fails. @returns false where another request was faster
   */
  spend?: (tx: Transaction) => Promise<boolean>
  /** What a new factor consists of. */
  factor?: NewFactor
}

/** A challenge whose code is to be mailed once more. */
export type Resend = {
  challenge: Challenge
  token: string
  caller: Caller
  /** False where nothing may be mailed, since the account has changed. Do everything else alike. */
  isLive: boolean
}

export type Proved = {
  challenge: Challenge
  method: Method
  fields: AnswerFields
  caller: Caller
}

export type Done = {
  /** The id of what was made, at most 36 characters; `answer` gets it, also when repeated. */
  outcome?: string
  /** What must happen only once and after the commit, such as audit entries. It must not fail. */
  afterCommit?: () => Promise<void> | void
}

/** The statements of an effect, on the transaction that uses the challenge, and nothing else. */
export type Work = (tx: Transaction) => Promise<Done>

/**
 * The response: a body, perhaps with a message for people, or a session whose refresh token goes
 * where its transport says. `isNew`: of a new account, which is 201.
 */
export type Answer =
  | { body: object; message?: Text; deviceCookie?: string }
  | { issued: IssuedSession; message: Text; deviceCookie?: string; isNew?: boolean }

type Need = 'required' | 'optional'

/**
 * What a challenge can be for. A feature gives its purposes by name, and the challenges do the
 * rest: tokens, guesses, single use, retries of lost answers. Fail with ChallengeOver where an
 * account is not any more as the challenge says. `recovery/purpose.ts` is a short example.
 */
export type Purpose = {
  /**
   * The name that clients know, where it shares it with another. To begin, it is meant where the
   * request names a provider.
   */
  as?: string
  /** The ways to prove it. `mail_code` is checked here, the others by `proofs`. */
  methods: readonly Method[]
  lifeMs: number
  /** How clients begin it at `POST /challenges`; absent where only the server does. */
  start?: {
    /** False where a setting leaves it out: it is 404 then. */
    isOn?: boolean
    takes: { readonly [Name in keyof StartFields]?: Need }
    /**
     * Counts against limits, then begins: the same steps and the same answer whether there is such
     * an account or not.
     */
    begin: (fields: StartFields, caller: Caller) => Promise<ChallengeView | ProviderRedirect>
    /** Codes of the errors that only this beginning answers with. */
    errors?: readonly string[]
  }
  /** Mails the code once more. It counts against the same limits as `begin`, if it mails or not. */
  send?: (resend: Resend) => Promise<void>
  /** What every answer has to bring, or may bring. */
  takes?: { readonly [Name in keyof AnswerFields]?: Need }
  /**
   * Checks proofs, each of which has been counted as a guess. @returns undefined for a wrong one
   * @throws Overloaded and the like
   */
  proofs?: {
    readonly [Name in Exclude<Method, 'mail_code'>]?: (
      given: GivenProof,
    ) => Promise<Proven | undefined>
  }
  /**
   * Prepares the effect of a right answer, outside the transaction: checks, hashes. What it throws,
   * such as WeakPassword, uses nothing up. The work that it returns runs in the transaction that
   * uses the challenge, again after a conflict. Its first statement writes the row of the account
   * where the challenge has a `credentialVersion`, guarded by it, and throws ChallengeOver where it
   * finds none: only those who write the same row meet.
   */
  effect: (proved: Proved & { proven: Proven }) => Promise<Work>
  /** The response, from what is committed alone: a repeated request gets it again. */
  answer: (proved: Proved, outcome: string | null) => Promise<Answer>
  /** Codes of the errors that only this purpose answers with. */
  errors?: readonly string[]
  response: {
    status: 200 | 201
    schema: TObject
    description: string
    /** Whether it may be 201 instead, for a new account. */
    mayBeNew?: boolean
  }
}

export type Purposes = Readonly<Record<string, Purpose>>

type Served = { isOn: boolean; purposes?: Purposes }

/** The purpose that a client begins with these fields. */
export function startedBy(
  startable: ReadonlyMap<string, Purpose>,
  { purpose, provider }: { purpose?: unknown; provider?: unknown },
): Purpose | undefined {
  const byProvider = [...startable.values()].find(({ as, start }) => start && as === purpose)
  return (provider !== undefined && byProvider) || startable.get(String(purpose))
}

/**
 * The purposes of all features by name: those that are served, and those that clients may begin,
 * served or not: one that is off is 404, one that nobody knows a mistake in the request.
 */
export function purposesOf(opened: readonly Served[]) {
  const served = new Map<string, Purpose>()
  const startable = new Map<string, Purpose>()
  for (const { isOn, purposes = {} } of opened) {
    for (const [name, purpose] of Object.entries(purposes)) {
      if (isOn) served.set(name, purpose)
      if (purpose.start) startable.set(name, purpose)
    }
  }
  return { served, startable }
}
