import { type Connection, wire } from './connection.ts'
import type { Contender, HttpRequest, Session } from './contender.ts'
import { logoutRequest } from './latchkey.ts'
import { runOpen } from './load-open.ts'
import type { Errors, Mixed, MixedFigures } from './load-questions.ts'
import { judge, type Source } from './load-sources.ts'
import { type Crowd, inventPerson, sessionIn } from './people.ts'

type Kind = 'verify' | 'me' | 'refresh' | 'login' | 'logout' | 'register'

/** Of each hundred requests. More sign-ins and registrations than sign-outs: people close the window. */
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
const PLACES = 64

type Needs = { contender: Contender; port: number; crowd: Crowd; errors: Errors }

/** What a service does in an hour, at fixed moments. */
export async function runMixed(
  { port, ...needs }: Needs,
  { perSecond, ms }: Mixed,
): Promise<MixedFigures> {
  const counts: Record<string, number> = {}
  const acts = createActs(needs)
  let at = 0
  const source: Source = (connection, place) => {
    const kind = KINDS[(at++ * STEP) % KINDS.length] ?? 'verify'
    counts[kind] = (counts[kind] ?? 0) + 1
    return acts[kind](connection, place)
  }
  const times = await runOpen(port, source, { perSecond, places: PLACES, ms })
  return { counts, errors: needs.errors, p99: times.p99 }
}

/** A session serves one request at a time, as in one window. */
function createActs({ contender, crowd, errors }: Omit<Needs, 'port'>) {
  const idle = [...crowd.sessions]
  let signIns = 0
  let newcomers = 0

  async function use(connection: Connection, request: (session: Session) => HttpRequest) {
    const session = idle.shift()
    if (!session) return undefined
    const answer = await connection.exchange(wire(request(session)))
    return judge(answer, errors) ? { session, answer } : undefined
  }

  async function read(connection: Connection, request: (session: Session) => HttpRequest) {
    const used = await use(connection, request)
    if (used) idle.push(used.session)
    return used !== undefined
  }

  async function refresh(connection: Connection) {
    const used = await use(connection, contender.refresh)
    const next = used && sessionIn(contender, used.answer)
    if (next) idle.push(next)
    return next !== undefined
  }

  async function begin(connection: Connection, request: HttpRequest) {
    const answer = await connection.exchange(wire(request))
    const session = judge(answer, errors) ? sessionIn(contender, answer) : undefined
    if (session) idle.push(session)
    return session !== undefined
  }

  const nextPerson = () => crowd.people[signIns++ % crowd.people.length] ?? inventPerson('0')
  const newcomer = () => inventPerson(`later-${newcomers++}`)
  const acts: Record<Kind, Source> = {
    verify: (connection) => read(connection, contender.verify),
    me: (connection) => read(connection, contender.me),
    refresh,
    login: (connection) => begin(connection, contender.login(nextPerson())),
    logout: async (connection) => (await use(connection, logoutRequest)) !== undefined,
    register: (connection) => begin(connection, contender.register(newcomer())),
  }
  return acts
}
