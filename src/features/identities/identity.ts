import { createHash } from 'node:crypto'
import type { Identity as Row } from '../../generated/sqlite/client.ts'
import type { UserId } from '../../platform/ids.ts'

export type IdentityId = string & { readonly brand: 'IdentityId' }

/** An account at an outside provider: a row of the Identity table. */
export type Identity = Omit<Row, 'id' | 'userId'> & { id: IdentityId; userId: UserId }

/** What nobody else has: the issuer, and what it calls the person (OpenID Connect Core 5.7). */
export type IdentityName = { issuer: string; subject: string }

/** What a sign-in at the provider tells of it. */
export type IdentityFacts = IdentityName & { provider: string; email: string | null }

export function hashOf(issuer: string): string {
  return createHash('sha256').update(issuer).digest('base64url')
}
