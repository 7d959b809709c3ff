import type { Cookie, Mail, PersonWish, RequestMatch, SignedIn, SignInOptions } from './types.ts'

/** A person as JSON: a passkey is named by its id. */
export type PersonRecord = {
  id: string
  username: string
  email: string
  name: string | null
  role: 'user' | 'admin'
  password: string
  totp?: { secret: string; uri: string }
  passkey?: string
}

export type SessionRecord = Pick<
  SignedIn,
  'sessionId' | 'accessToken' | 'refreshToken' | 'expiresIn'
> & { cookies: Cookie[] }

/** What lasts until it is restored. */
export type TroubleWish =
  | ({ kind: 'drop-next-response' } & RequestMatch)
  | ({ kind: 'delay'; milliseconds: number } & RequestMatch)
  | { kind: 'overload' }
  | { kind: 'database-away' }

/** All that the kit asks of a server, in values that JSON can carry. */
export type Operations = {
  now(): Promise<number>
  /** @param time such as `16m` @returns what the clock says then */
  advance(time: string): Promise<number>
  addPerson(wish: PersonWish): Promise<PersonRecord>
  openSession(userId: string, options: SignInOptions): Promise<SessionRecord>
  mails(to: string | undefined): Promise<Mail[]>
  lastMail(to: string, after: string | undefined, timeoutMs: number): Promise<Mail>
  totpCode(secret: string, at?: number): Promise<string>
  /** @returns its id */
  newPasskey(): Promise<string>
  createCredential(id: string, options: object): Promise<object>
  getCredential(id: string, options: object): Promise<object>
  /** @returns its id */
  startTrouble(wish: TroubleWish): Promise<string>
  endTrouble(id: string): Promise<void>
  endTroubles(): Promise<void>
  expireAccessTokens(): Promise<number>
  revokeEverything(): Promise<number>
  reset(): Promise<void>
}
