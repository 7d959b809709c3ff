import type { Method } from '../../contract/challenge.ts'
import type { Transport } from '../../contract/session.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'

/** What has to be proved: the contents of a token that only the server can read. */
export type Challenge = {
  /** 128 random bits in base64url: 22 characters. */
  id: string
  purpose: string
  /**
   * Null where no account is concerned, and in one that stands in for an account that does not
   * exist.
   */
  userId: UserId | null
  /** `any`: a change of password or factors does not end it. Null without a user. */
  credentialVersion: number | 'any' | null
  /** Only this session may answer. */
  sessionId: SessionId | null
  methods: readonly Method[]
  /** What was proved before, as `amr` names it (RFC 8176). */
  proved: readonly string[]
  /** How the answer sends a refresh token, where it opens a session. */
  transport: Transport | null
  /**
   * The address that the code is mailed to, as it was typed or as `emailKey` makes it. Where it is
   * null, no mailed code is right: so are challenges that stand in for accounts that do not exist.
   */
  address: string | null
  /** What the purpose keeps until the answer. */
  data: string | null
  endsAt: number
}
