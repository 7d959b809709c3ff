/** What the model knows of accounts, sessions and tokens, and what it expects of an answer. */

export type Transport = 'body' | 'cookie'
export type Role = 'user' | 'admin'
export type End =
  | 'signed_out'
  | 'revoked'
  | 'refresh_token_reused'
  | 'password_changed'
  | 'account_disabled'
  | 'account_deleted'
  | 'expired'

export type Account = {
  username: string
  email: string
  password: string
  role: Role
  credentialVersion: number
  isDisabled: boolean
  isDeleted: boolean
}

/** What a backup of a session's row holds. */
export type Snapshot = {
  generation: number
  /** Whether this state began with a rotation; a sign-in and a renewal open no window. */
  isRotation: boolean
  /** Tokens of a lower generation are dead since a renewal. */
  lowestLiving: number
  renewedAt: number | undefined
  /** The highest generation whose tokens came back late. */
  seen: number
  rotatedAt: number
  key: string | null
  expiresAt: number
  authTime: number
  /** The refresh token that was handed out for this state. */
  current: number
}
export type Session = Snapshot & {
  account: number
  transport: Transport
  createdAt: number
  endsAt: number
  ended: End | undefined
  endedAt: number
  /** The highest `lowestLiving` that there was: a server remembers it when a backup is put back. */
  highestRenewal: number
  history: Snapshot[]
}
export type RefreshToken = { session: number; generation: number; iat: number; exp: number }
export type AccessToken = {
  session: number
  generation: number
  role: Role
  iat: number
  exp: number
  authTime: number
  /** Whether the server has noted that it came back late, which it does once. */
  isNoted: boolean
}

export type World = {
  now: number
  accounts: Account[]
  sessions: Session[]
  refreshTokens: RefreshToken[]
  accessTokens: AccessToken[]
  /** When security events happened that must be on record. */
  thefts: number[]
  restorations: number[]
}

export const emptyWorld = (now: number): World => ({
  now,
  accounts: [],
  sessions: [],
  refreshTokens: [],
  accessTokens: [],
  thefts: [],
  restorations: [],
})

/** A refusal may have several codes where the contract leaves it open. */
export type Refusal = { kind: 'refused'; status: number; codes: string[] }
export type Opened = {
  kind: 'opened'
  status: number
  account: number
  session: number
  access: number
  refresh: number
  refreshed?: 'rotated' | 'replayed'
}
export type Listed = {
  kind: 'listed'
  status: 200
  account: number
  sessions: number[]
  current: number
}
export type Done = { kind: 'done'; status: number; ended?: number }
export type Seen = { kind: 'seen'; status: 200; account: number; access: number }
export type Expected = Refusal | Opened | Listed | Done | Seen

/** What a request shows: a token by its index, something that no server ever issued, or nothing. */
export type Credential = { kind: 'access' | 'refresh' | 'forged'; index: number } | { kind: 'none' }

/** Whether its row may be gone: the server keeps it for a day. */
export function isLongOver(world: World, session: Session): boolean {
  const over = session.ended ? Math.min(session.endedAt, session.expiresAt) : session.expiresAt
  return world.now > over + 86_400_000
}
