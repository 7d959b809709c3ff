export type Challenge = {
  token: string
  purpose: string
  methods: string[]
  passkey?: PublicKeyCredentialRequestOptionsJSON
}

/**
 * What a request fails with. Without `detail` no server of ours has answered; it is empty when
 * somebody stopped it.
 */
export type Problem = {
  status?: number
  action?: string
  detail?: string
  errors?: { pointer?: string; detail: string }[]
  challenge?: Challenge
}

export type Me = { id: string; username: string; role: string }

export type Opened = { access_token: string; refreshAfter: number; user: Me }

export type User = Me & {
  email: string
  emailVerified: boolean
  hasPassword: boolean
  identities: number
  createdAt: string
  disabledAt: string | null
  lockedUntil: string | null
  lastSignInAt: string | null
  version: number
}

export type Session = {
  id: string
  createdAt: string
  lastUsedAt: string
  ip: string | null
  userAgent: string | null
}

export type Identity = {
  id: string
  provider: string
  subject: string
  email: string | null
  lastUsedAt: string | null
}

export type Event = {
  id: string
  at: string
  type: string
  userId: string | null
  username: string | null
  actorUsername: string | null
  ip: string | null
  userAgent: string | null
  detail: string | null
  count: number
}

export type Hour = { at: string; signIns: number; failures: number }

export type Summary = {
  at: string
  sessions: { live: number }
  last24Hours: { hours: Hour[] }
  mail: { waiting: number }
}

export type List<Item> = { items: Item[]; nextCursor: string | null }
