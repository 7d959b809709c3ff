import type { Challenge } from '../challenges/challenge.ts'
import type { IdentityFacts } from '../identities/identity.ts'
import type { ProvidedIdentity } from './protocol/protocol.ts'

/** Somebody whom a provider has signed in, and who waits for his client to answer. */
export type Person = IdentityFacts &
  Pick<ProvidedIdentity, 'emailVerified' | 'username' | 'name' | 'hasSecondFactor'> & {
    /** Of the client that may answer. */
    codeChallenge: string
  }

/** Names are for people: what is longer is of no use, and a token has no room for it. */
const NAME_MAX = 100
/** What no name of an account may have, and what would be half a letter (`PersonName`). */
const STRANGE = /[\p{Cc}\p{Cs}]/gu

export function personText(
  provided: ProvidedIdentity,
  { provider, codeChallenge }: { provider: string; codeChallenge: string },
): string {
  const { issuer, subject, email = null, emailVerified, hasSecondFactor } = provided
  const { username, name } = provided
  const names = [username, name].map((text) => (text && shortened(text)) || null)
  const flags = [emailVerified, hasSecondFactor]
  return JSON.stringify([provider, issuer, subject, email, ...flags, ...names, codeChallenge])
}

function shortened(text: string): string {
  return text.slice(0, NAME_MAX).replaceAll(STRANGE, ' ').trim()
}

export function personIn({ data }: Pick<Challenge, 'data'>): Person {
  const [provider, issuer, subject, email, ...rest] = JSON.parse(data ?? '[]')
  const [emailVerified, hasSecondFactor, username, name, codeChallenge] = rest
  return {
    ...{ provider, issuer, subject, email, emailVerified, hasSecondFactor, codeChallenge },
    ...{ username: username ?? undefined, name: name ?? undefined },
  }
}
