// What the contract says of one account with second factors, and nothing else: the model of
// factors-model.test.ts. Each function says what a request is answered with, and changes the world
// as the request does.

export const STEP_SECONDS = 30
export const TRUST_SECONDS = 3600
export const ACCESS_SECONDS = 43_200
const [RECENT, LIFE, PAGE_LIFE] = [600, 600, 3600]

export type Method = 'passkey' | 'totp' | 'recovery_code' | 'password'
export type Addable = 'totp' | 'passkey'
export type FactorName = { kind: Addable; at: number }

type Session = {
  isLive: boolean
  acr: 'aal1' | 'aal2'
  authTime: number
  /** When its present access token expires. */
  tokenEnd: number
}
export type Challenge = {
  purpose: 'sign_in' | 'step_up' | 'add_totp' | 'add_passkey'
  methods: Method[]
  endsAt: number
  /** Undefined for a passkey alone, which says itself whose it is. */
  version: number | undefined
  session: number | undefined
  /** The app or the passkey that it adds. */
  pending: number | undefined
  guesses: number
  last: string | undefined
  used: Use | undefined
}
export type Use = {
  request: string | undefined
  again: Expected
  added?: FactorName & { set: number | undefined }
}
export type World = {
  /** In seconds. */
  now: number
  hasGoneBack: boolean
  version: number
  passwords: number
  secondFactor: boolean
  app: number | undefined
  /** The step that each app was last used in. */
  steps: number[]
  passkeys: { isThere: boolean; counter: number }[]
  codes: { set: number; left: Set<number> } | undefined
  sets: number
  sessions: Session[]
  challenges: Challenge[]
  trusted: { version: number; endsAt: number }[]
  wrongCodes: { count: number; until: number }
  clones: number
}

/** `text` tells two guesses apart. */
export type Proof = { text: string } & (
  | { method: 'totp'; app: number | undefined; step: number }
  | { method: 'recovery_code'; set: number; number: number }
  | { method: 'passkey'; passkey: number; counter: number; challenge: number }
  | { method: 'password'; isRight: boolean }
)
export type Expected = {
  status: number
  code?: string
  attemptsLeft?: number
  /** Of the challenge that the answer brings. */
  methods?: Method[]
  /** The index of the session that it opens or continues. */
  session?: number
  /** Whether it brings recovery codes. */
  hasCodes?: boolean
}

export const emptyWorld = (now: number): World => ({
  ...{ now, hasGoneBack: false, version: 1, passwords: 0, secondFactor: false },
  ...{ app: undefined, steps: [], passkeys: [], codes: undefined, sets: 0 },
  ...{ sessions: [], challenges: [], trusted: [] },
  ...{ wrongCodes: { count: 0, until: 0 }, clones: 0 },
})

export function item<T>(items: readonly T[], index: number): T {
  const found = items[index]
  if (found === undefined) throw new Error(`There is no item ${index}`)
  return found
}

export const refused = (status: number, code: string): Expected => ({ status, code })
export const over = refused(410, 'challenge_over')
export const stepOf = (now: number) => Math.floor(now / STEP_SECONDS)

// Sessions

export function openSession(world: World, acr: Session['acr']): Expected {
  const { now } = world
  world.sessions.push({ isLive: true, acr, authTime: now, tokenEnd: now + ACCESS_SECONDS })
  return { status: 200, session: world.sessions.length - 1 }
}

export function renew(world: World, index: number, acr: Session['acr']): Expected {
  const tokenEnd = world.now + ACCESS_SECONDS
  Object.assign(item(world.sessions, index), { acr, authTime: world.now, tokenEnd })
  return { status: 200, session: index }
}

export function endOthers({ sessions }: World, except: number): void {
  for (const [index, session] of sessions.entries()) if (index !== except) session.isLive = false
}

/** What the access token of a session is refused with, if anything. */
export function refusal({ sessions, now }: World, index: number): Expected | undefined {
  const { isLive, tokenEnd } = item(sessions, index)
  if (!isLive) return refused(401, 'session_ended')
  return now < tokenEnd ? undefined : refused(401, 'token_expired')
}

export function expectRefresh(world: World, index: number): Expected {
  const session = item(world.sessions, index)
  if (!session.isLive) return refused(401, 'session_ended')
  session.tokenEnd = world.now + ACCESS_SECONDS
  return { status: 200, session: index }
}

// Challenges

function methodsOf({ passkeys, app, codes }: World): Method[] {
  return [
    ...(passkeys.some(({ isThere }) => isThere) ? (['passkey'] as const) : []),
    ...(app === undefined ? [] : (['totp'] as const)),
    ...(codes === undefined ? [] : (['recovery_code'] as const)),
  ]
}

function begin(
  world: World,
  purpose: Challenge['purpose'],
  methods: Method[],
  more: Partial<Challenge> = {},
): Method[] {
  world.challenges.push({
    ...{ purpose, methods, endsAt: world.now + LIFE, version: world.version },
    ...{ session: undefined, pending: undefined, guesses: 0, last: undefined, used: undefined },
    ...more,
  })
  return methods
}

/** @param cookie of a trusted browser */
export function expectLogin(world: World, cookie: number | undefined): Expected {
  const trust = cookie === undefined ? undefined : item(world.trusted, cookie)
  const isTrusted = trust?.version === world.version && trust.endsAt > world.now
  if (!world.secondFactor || isTrusted) return openSession(world, 'aal1')
  const methods = begin(world, 'sign_in', methodsOf(world))
  return { ...refused(401, 'second_factor_required'), methods }
}

export function expectAlone(world: World): Expected {
  const more = { endsAt: world.now + PAGE_LIFE, version: undefined }
  return { status: 201, methods: begin(world, 'sign_in', ['passkey'], more) }
}

function askAgain(world: World, session: number, needsTwo: boolean): Expected {
  const methods = [...methodsOf(world), ...(needsTwo ? [] : (['password'] as const))]
  if (methods.length === 0) return refused(403, 'second_factor_missing')
  begin(world, 'step_up', methods, { session })
  return { ...refused(401, 'step_up_required'), methods }
}

const isRecent = ({ now }: World, { authTime }: Session) => now - authTime <= RECENT

/** @returns what a sensitive step is refused with, if anything */
export function guarded(
  world: World,
  index: number,
  needs: 'recent' | 'two' | 'second factor',
): Expected | undefined {
  const dead = refusal(world, index)
  if (dead) return dead
  const session = item(world.sessions, index)
  const isBoth = isRecent(world, session) && session.acr === 'aal2'
  if (isBoth) return undefined
  if (needs === 'two') return askAgain(world, index, true)
  if (needs === 'second factor')
    return world.secondFactor ? askAgain(world, index, true) : undefined
  const isEnough = isRecent(world, session) && !world.secondFactor
  return isEnough ? undefined : askAgain(world, index, world.secondFactor)
}

export function expectAdding(world: World, session: number, kind: Addable): Expected {
  const no = guarded(world, session, 'recent')
  if (no) return no
  if (kind === 'totp' && world.app !== undefined) return refused(409, 'limit_reached')
  const pending = kind === 'totp' ? world.steps.push(0) - 1 : world.passkeys.length
  if (kind === 'passkey') world.passkeys.push({ isThere: false, counter: 0 })
  return { status: 201, methods: begin(world, `add_${kind}`, [kind], { session, pending }) }
}

export function factorsOf({ app, passkeys }: World): FactorName[] {
  return [
    ...(app === undefined ? [] : [{ kind: 'totp' as const, at: app }]),
    ...passkeys.flatMap(({ isThere }, at) => (isThere ? [{ kind: 'passkey' as const, at }] : [])),
  ]
}
