import type { Challenge } from '../challenges/challenge.ts'
import type { IdentityFacts } from '../identities/identity.ts'
import type { ProvidedIdentity } from './protocol/protocol.ts'

/** Somebody whom a provider has signed in, and who waits for his client to answer. */
export type Person = IdentityFacts &
  Pick<ProvidedIdentity, 'emailVerified' | 'username' | 'name' | 'hasSecondFactor'> & {
    /** Of the client that may answer. */
    codeChallenge: string
  }

/** Of `PersonName`, in code points. */
const NAME_MAX = 100
/** What a challenge has room for beside its own facts. */
const MOST_BYTES = 1800

export function personText(
  provided: ProvidedIdentity,
  { provider, codeChallenge }: { provider: string; codeChallenge: string },
): string {
  const { issuer, subject, email = null, emailVerified, hasSecondFactor } = provided
  const { username, name } = provided
  const facts = [provider, issuer, subject, email, emailVerified, hasSecondFactor]
  const textWith = (names: (string | null)[]) => JSON.stringify([...facts, ...names, codeChallenge])
  const whole = textWith([username, name].map(plain))
  return hasRoom(whole) ? whole : textWith([null, null])
}

/** A challenge has the text as JSON within JSON: quotes alone take four times their size. */
function hasRoom(text: string): boolean {
  return Buffer.byteLength(JSON.stringify(text)) <= MOST_BYTES
}

export function personIn({ data }: Pick<Challenge, 'data'>): Person {
  const [provider, issuer, subject, email, ...rest] = JSON.parse(data ?? '[]')
  const [emailVerified, hasSecondFactor, username, name, codeChallenge] = rest
  return {
    ...{ provider, issuer, subject, email, emailVerified, hasSecondFactor, codeChallenge },
    ...{ username: username ?? undefined, name: name ?? undefined },
  }
}

/** A name as accounts may have it: one line, not too long. */
function plain(text: string | undefined): string | null {
  const line = text?.replace(/[\p{Cc}\p{Cs}]/gu, '').trim() ?? ''
  return [...line].slice(0, NAME_MAX).join('') || null
}
