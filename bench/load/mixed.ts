import type { HttpRequest } from '../support/requests.ts'
import { percentiles } from '../support/statistics.ts'
import { type Connection, wire } from './connection.ts'
import { logoutRequest } from './latchkey.ts'
import { runOpen } from './open.ts'
import type { Mixed, MixedFigures } from './questions.ts'
import type { Source } from './sources.ts'
import type { Person, Session, Target } from './target.ts'
import { type Crowd, inventPerson, sessionIn } from './users.ts'

type Kind = 'verify' | 'me' | 'refresh' | 'login' | 'logout' | 'register'

/** Shares of a hundred. Fewer sign-outs than sign-ins: people just close the window. */
const MIX: Record<Kind, number> = {
  verify: 60,
  me: 26,
  refresh: 8,
  login: 3,
  logout: 2,
  register: 1,
}
const KINDS = Object.entries(MIX).flatMap(([kind, share]) => Array<Kind>(share).fill(kind as Kind))
/** Has no divisor in common with the number of kinds, so that it spreads them evenly. */
const STEP = 37
const SLOTS = 64

type Dependencies = { target: Target; port: number; crowd: Crowd }

/**
 * What a service does in an hour, at fixed moments.
 * @throws Error with the first answer that is no success
 */
export async function runMixed(
  { port, ...needs }: Dependencies,
  { perSecond, ms }: Mixed,
): Promise<MixedFigures> {
  const acts = createActs(needs)
  let at = 0
  const source: Source = (connection, slot) => {
    const kind = KINDS[(at++ * STEP) % KINDS.length] ?? 'verify'
    return acts[kind](connection, slot)
  }
  const times = await runOpen(port, source, { perSecond, slots: SLOTS, ms })
  const [p99 = Number.NaN] = percentiles(times, [0.99])
  return { p99 }
}

/** A session serves one request at a time, as in one window. */
function createActs({ target, crowd }: Omit<Dependencies, 'port'>) {
  /** From the one that was used longest ago. */
  const idle = new Set(crowd.sessions)
  /** From the one with the oldest tokens: picked by use, some would never be refreshed in time. */
  const byAge = new Set(crowd.sessions)
  let signIns = 0
  let newcomers = 0

  function firstIdle(sessions: Iterable<Session>): Session | undefined {
    for (const session of sessions) if (idle.has(session)) return session
    return undefined
  }

  type Request = (session: Session) => HttpRequest
  async function use(connection: Connection, session: Session | undefined, request: Request) {
    if (!session) return undefined
    idle.delete(session)
    return { session, answer: await connection.exchange(wire(request(session))) }
  }

  async function read(connection: Connection, request: Request) {
    const used = await use(connection, firstIdle(idle), request)
    if (used) idle.add(used.session)
  }

  async function refresh(connection: Connection) {
    const used = await use(connection, firstIdle(byAge), target.refresh)
    if (!used) return
    byAge.delete(used.session)
    keep(sessionIn(target, used.answer))
  }

  function keep(session: Session) {
    idle.add(session)
    byAge.add(session)
  }

  async function end(connection: Connection) {
    const used = await use(connection, firstIdle(idle), logoutRequest)
    if (used) byAge.delete(used.session)
  }

  async function begin(connection: Connection, request: HttpRequest) {
    keep(sessionIn(target, await connection.exchange(wire(request))))
  }

  function nextSignIn(): HttpRequest {
    const at = signIns++ % crowd.people.length
    return target.login(crowd.people[at] as Person, crowd.sessions[at] as Session)
  }

  const newcomer = () => inventPerson(`later-${newcomers++}`)
  const acts: Record<Kind, Source> = {
    verify: (connection) => read(connection, target.verify),
    me: (connection) => read(connection, target.me),
    refresh,
    login: (connection) => begin(connection, nextSignIn()),
    logout: end,
    register: (connection) => begin(connection, target.register(newcomer())),
  }
  return acts
}
