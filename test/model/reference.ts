/**
 * What the server must do, told by the contract alone: plain data in, plain data out. It imports
 * nothing of the server, so that it cannot share a mistake with the server.
 */

import {
  type AccessToken,
  type Account,
  type Credential,
  type Done,
  type End,
  type Expected,
  isLongOver,
  type Opened,
  type RefreshToken,
  type Refusal,
  type Role,
  type Session,
  type Snapshot,
  type Transport,
  type World,
} from './world.ts'

const LIFETIMES = {
  accessSeconds: 900,
  refreshSeconds: 2_592_000,
  sessionSeconds: 7_776_000,
  graceSeconds: 30,
}

const WINDOW_MS = LIFETIMES.graceSeconds * 1000

const refused = (status: number, ...codes: string[]): Refusal => ({
  kind: 'refused',
  status,
  codes,
})
const invalidToken = refused(401, 'invalid_token')
const sessionEnded = refused(401, 'session_ended')
const invalidCredentials = refused(401, 'invalid_credentials')
const wrongPassword = refused(403, 'wrong_password')
const unauthenticated = refused(401, 'unauthenticated')
const done: Done = { kind: 'done', status: 200 }
const gone: Done = { kind: 'done', status: 204 }

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)

export function register(
  world: World,
  wish: { username: string; email: string; password: string; transport: Transport },
): Expected {
  const { username, email, password, transport } = wish
  const present = world.accounts.filter((account) => !account.isDeleted)
  if (present.some((account) => sameName(account.username, username))) {
    return refused(409, 'username_taken')
  }
  if (present.some((account) => sameName(account.email, email))) return refused(409, 'email_taken')
  const account: Account = {
    username,
    email,
    password,
    role: 'user',
    credentialVersion: 1,
    isDisabled: false,
    isDeleted: false,
  }
  world.accounts.push(account)
  return openSession(world, world.accounts.length - 1, transport, 201)
}

export function logIn(
  world: World,
  { login, password, transport }: { login: string; password: string; transport: Transport },
): Expected {
  const index = world.accounts.findIndex(
    ({ username, email, isDeleted }) =>
      !isDeleted && (sameName(username, login) || sameName(email, login)),
  )
  const account = world.accounts[index]
  if (!account || account.isDisabled || account.password !== password) return invalidCredentials
  return openSession(world, index, transport, 200)
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function openSession(world: World, account: number, transport: Transport, status: number): Opened {
  const { now } = world
  const endsAt = now + LIFETIMES.sessionSeconds * 1000
  const expiresAt = Math.min(now + LIFETIMES.refreshSeconds * 1000, endsAt)
  const session: Session = {
    account,
    transport,
    generation: 1,
    isRotation: false,
    lowestLiving: 1,
    renewedAt: undefined,
    seen: 0,
    rotatedAt: now,
    key: null,
    createdAt: now,
    expiresAt,
    endsAt,
    authTime: now,
    ended: undefined,
    endedAt: 0,
    highestRenewal: 1,
    current: -1,
    history: [],
  }
  world.sessions.push(session)
  const index = world.sessions.length - 1
  session.current = newRefreshToken(world, index)
  return handOut(world, index, status)
}

function newRefreshToken(world: World, index: number): number {
  const session = at(world.sessions, index)
  const iat = seconds(session.rotatedAt)
  const exp = seconds(session.expiresAt)
  world.refreshTokens.push({ session: index, generation: session.generation, iat, exp })
  return world.refreshTokens.length - 1
}

function handOut(world: World, index: number, status: number): Opened {
  const session = at(world.sessions, index)
  const account = at(world.accounts, session.account)
  const iat = seconds(world.now)
  const exp = Math.min(iat + LIFETIMES.accessSeconds, seconds(session.endsAt))
  const authTime = seconds(session.authTime)
  const { generation } = session
  const facts = { role: account.role, iat, exp, authTime, isNoted: false }
  world.accessTokens.push({ session: index, generation, ...facts })
  return {
    kind: 'opened',
    status,
    account: session.account,
    session: index,
    access: world.accessTokens.length - 1,
    refresh: session.current,
  }
}

type Refresh = { credential: Credential; transport: Transport; key: string | null }

/** Contract 3, "Refresh", rules 1 to 6; a generation from the future goes on from itself. */
export function refresh(world: World, { credential, transport, key }: Refresh): Expected {
  if (credential.kind === 'none') return unauthenticated
  if (credential.kind !== 'refresh') return invalidToken
  const token = at(world.refreshTokens, credential.index)
  const session = at(world.sessions, token.session)
  if (session.transport !== transport) return refusedTransport(world, session)
  if (isOver(world, session, token)) {
    end(world, session, 'expired')
    return sessionEnded
  }
  if (token.generation < session.lowestLiving) return sessionEnded
  const isInWindow = session.isRotation && world.now <= session.rotatedAt + WINDOW_MS
  if (token.generation >= session.generation) return showCurrent(world, token, key, isInWindow)
  if (isForgiven(session, token, key, isInWindow)) return replay(world, token)
  world.thefts.push(world.now)
  end(world, session, 'refresh_token_reused')
  return sessionEnded
}

/** The row of a deleted account names no user, so that nothing is known of its transport. */
function refusedTransport(world: World, session: Session): Refusal {
  if (at(world.accounts, session.account).isDeleted) return sessionEnded
  return isLongOver(world, session) ? either : invalidToken
}

/** At most one rotation in a window; whoever shows the current token inside it has kept it. */
function showCurrent(
  world: World,
  token: RefreshToken,
  key: string | null,
  isInWindow: boolean,
): Opened {
  const session = at(world.sessions, token.session)
  if (!isInWindow || token.generation > session.generation) return rotate(world, token, key)
  session.seen = session.generation
  return replay(world, token)
}

function replay(world: World, { session }: RefreshToken): Opened {
  return { ...handOut(world, session, 200), refreshed: 'replayed' }
}

function rotate(world: World, { session, generation }: RefreshToken, key: string | null): Opened {
  if (generation > at(world.sessions, session).generation) world.restorations.push(world.now)
  advance(world, session, generation + 1, key)
  at(world.sessions, session).isRotation = true
  return { ...handOut(world, session, 200), refreshed: 'rotated' }
}

function isForgiven(
  session: Session,
  { generation }: RefreshToken,
  key: string | null,
  isInWindow: boolean,
): boolean {
  if (generation < session.generation - 1) return false
  const isUnseen = session.seen < session.generation
  return isInWindow || isUnseen || (key !== null && key === session.key)
}

/** The row of a session that has been over for long may be gone, and with it what it says. */
const either = refused(401, 'invalid_token', 'session_ended')

function advance(world: World, index: number, generation: number, key: string | null): void {
  const session = at(world.sessions, index)
  const { generation: before, isRotation, lowestLiving, renewedAt, seen } = session
  const { rotatedAt, key: keyBefore, expiresAt, authTime, current } = session
  session.history.push({
    ...{ generation: before, isRotation, lowestLiving, renewedAt, seen },
    ...{ rotatedAt, key: keyBefore, expiresAt, authTime, current },
  })
  session.generation = generation
  session.rotatedAt = world.now
  session.key = key
  session.expiresAt = Math.min(world.now + LIFETIMES.refreshSeconds * 1000, session.endsAt)
  session.current = newRefreshToken(world, index)
}

/** A token from the future knows of a later idle end than the row that a backup brought back. */
function isOver(world: World, session: Session, token?: RefreshToken): boolean {
  if (session.ended) return true
  const fromFuture = token && token.generation > session.generation ? token.exp * 1000 : 0
  return world.now >= Math.min(Math.max(session.expiresAt, fromFuture), session.endsAt)
}

const isLive = (world: World, session: Session) => !isOver(world, session)

/** An expired session ends too: a token from the future, or a clock set back, could continue it. */
function end(world: World, session: Session, reason: End): boolean {
  if (session.ended) return false
  session.ended = reason
  session.endedAt = world.now
  return true
}

/** Always 200; ends the session of any genuine token. */
export function logOut(world: World, credential: Credential): Expected {
  const token =
    credential.kind === 'access'
      ? world.accessTokens[credential.index]
      : credential.kind === 'refresh'
        ? world.refreshTokens[credential.index]
        : undefined
  if (token) end(world, at(world.sessions, token.session), 'signed_out')
  return done
}

type Signed = { access: AccessToken; index: number; session: Session; account: Account }

/** Who a request with this access token is from, or why it is refused. */
function guard(world: World, credential: Credential): Signed | Refusal {
  if (credential.kind === 'none') return unauthenticated
  if (credential.kind !== 'access') return invalidToken
  const access = at(world.accessTokens, credential.index)
  const session = at(world.sessions, access.session)
  const account = at(world.accounts, session.account)
  if (!session.ended) noteSeen(world, access, session)
  if (seconds(world.now) >= access.exp) return refused(401, ...codesPastEnd(world, access, session))
  if (session.ended) return sessionEnded
  if (access.generation < session.lowestLiving) return refused(401, 'token_expired')
  if (access.role !== account.role) return refused(401, 'token_expired')
  return { access, index: credential.index, session, account }
}

/** An access token that comes back late shows that its client kept the answer, expired or not. */
function noteSeen({ now }: World, access: AccessToken, session: Session): void {
  const { generation, iat, isNoted } = access
  if (isNoted || generation === 1 || now < (iat + 1) * 1000 + WINDOW_MS) return
  access.isNoted = true
  if (generation === session.generation) session.seen = generation
}

/** What a server keeps in memory only is gone with it. */
export function restart(world: World): void {
  for (const access of world.accessTokens) access.isNoted = false
}

/** Notes of an ended session, and the key of the token, outlive the token a little. */
function codesPastEnd(world: World, access: AccessToken, session: Session): string[] {
  const codes = isOver(world, session) ? ['token_expired', 'session_ended'] : ['token_expired']
  const now = seconds(world.now)
  return now > access.exp + 86_400 ? [...codes, 'invalid_token'] : codes
}

const isRefusal = (signed: Signed | Refusal): signed is Refusal => 'kind' in signed

export function look(world: World, credential: Credential): Expected {
  const signed = guard(world, credential)
  if (isRefusal(signed)) return signed
  return { kind: 'seen', status: 200, account: signed.session.account, access: signed.index }
}

export function list(world: World, credential: Credential): Expected {
  const signed = guard(world, credential)
  if (isRefusal(signed)) return signed
  const { account } = signed.session
  const sessions = liveOf(world, account).toSorted(
    (one, other) => at(world.sessions, other).rotatedAt - at(world.sessions, one).rotatedAt,
  )
  return { kind: 'listed', status: 200, account, sessions, current: signed.access.session }
}

function liveOf(world: World, account: number): number[] {
  return [...world.sessions.keys()].filter((index) => {
    const session = at(world.sessions, index)
    return session.account === account && isLive(world, session)
  })
}

export function revoke(world: World, credential: Credential, target: number): Expected {
  const signed = guard(world, credential)
  if (isRefusal(signed)) return signed
  const session = world.sessions[target]
  const isOwn = session?.account === signed.session.account
  if (!session || !isOwn || !isLive(world, session)) return refused(404, 'not_found')
  end(world, session, 'revoked')
  return gone
}

export function revokeOthers(world: World, credential: Credential): Expected {
  const signed = guard(world, credential)
  if (isRefusal(signed)) return signed
  const { session } = signed.access
  const ended = liveOf(world, signed.session.account).filter((index) => index !== session).length
  endAll(world, signed.session.account, 'revoked', session)
  return { ...done, ended }
}

function endAll(world: World, account: number, reason: End, except?: number): void {
  for (const [index, session] of world.sessions.entries()) {
    if (session.account === account && index !== except) end(world, session, reason)
  }
}

export function changePassword(
  world: World,
  credential: Credential,
  { current, wanted }: { current: string; wanted: string },
): Expected {
  const signed = guard(world, credential)
  if (isRefusal(signed)) return signed
  const { account, session, access } = signed
  if (account.password !== current) return wrongPassword
  if (!isLive(world, session)) return sessionEnded
  account.password = wanted
  account.credentialVersion++
  endAll(world, session.account, 'password_changed', access.session)
  advance(world, access.session, session.generation + 1, null)
  session.isRotation = false
  session.lowestLiving = session.generation
  session.highestRenewal = Math.max(session.highestRenewal, session.generation)
  session.renewedAt = world.now
  session.authTime = world.now
  return handOut(world, access.session, 200)
}

export function deleteAccount(world: World, credential: Credential, password: string): Expected {
  const signed = guard(world, credential)
  if (isRefusal(signed)) return signed
  if (signed.account.password !== password) return wrongPassword
  endAll(world, signed.session.account, 'account_deleted')
  signed.account.isDeleted = true
  return gone
}

export function changeRole(world: World, account: number, role: Role): void {
  at(world.accounts, account).role = role
}

export function disable(world: World, account: number): void {
  at(world.accounts, account).isDisabled = true
  endAll(world, account, 'account_disabled')
}

export function enable(world: World, account: number): void {
  at(world.accounts, account).isDisabled = false
}

/** A backup of the session's row is put back; what has ended since stays so. */
export function restore(world: World, index: number, back: number): Snapshot | undefined {
  const session = at(world.sessions, index)
  const snapshot = session.ended ? undefined : session.history.at(-1 - back)
  if (!snapshot) return undefined
  Object.assign(session, snapshot)
  session.history = session.history.slice(0, session.history.length - 1 - back)
  return snapshot
}

export function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`There is no item ${index}`)
  return item
}
