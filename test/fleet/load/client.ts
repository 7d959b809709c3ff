import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Asked, openWire } from './exchange.ts'
import type { Journal } from './journal.ts'

/** How long a client tries before it tells its user that the service is down. */
const GIVE_UP_MS = 60_000

export type Session = { id: string; access: string; refresh: string }

export type Request = {
  method: string
  path: string
  body?: object
  /** Whose token is sent; a 401 that says "refresh" refreshes it. */
  session?: Session
  headers?: Record<string, string>
  /** Names the request, so that it can be sent again. */
  key?: string
  /** Statuses that this request may end with. */
  expects: number[]
}

/** What the request ended with, and whether an earlier try may have done the work already. */
export type Ended = Answer & { mayBeRepeated: boolean }

/** Thrown when a promise was broken that makes it useless to continue; the journal has it. */
export class Lost extends Error {}

export type Client = ReturnType<typeof createClient>

type Options = { port: number; address: string; journal: Journal }

/** Sends requests as docs/writing-a-client.md tells a client to. */
export function createClient({ port, address, journal }: Options) {
  const wire = openWire(address)

  /** Until an answer says what became of the request. @throws Lost */
  async function ask(request: Request): Promise<Ended> {
    const giveUpAt = performance.now() + GIVE_UP_MS
    let mayBeRepeated = false
    for (;;) {
      const asked = askedOf(request)
      const answer = await send(asked)
      if (request.expects.includes(answer.status)) return { ...answer, mayBeRepeated }
      if (performance.now() > giveUpAt) lose('a client gave up', asked, answer)
      await makeReady(request, asked, answer)
      mayBeRepeated ||= [0, 503].includes(answer.status)
    }
  }

  function lose(what: string, asked: Asked, answer: Answer): never {
    journal.accuse(what, asked, answer)
    throw new Lost(`${what}: ${asked.method} ${asked.path}: ${answer.text}`)
  }

  /** Does what the answer says before the next try. @throws Lost when it says that none helps */
  async function makeReady({ session }: Request, asked: Asked, answer: Answer): Promise<void> {
    const { status, body } = answer
    const waitMs = waitOf(answer)
    if (waitMs !== undefined) await sleep(waitMs)
    else if (status !== 401) lose(`an answer that nobody expects: ${status}`, asked, answer)
    else if (body.action !== 'refresh') lose('an honest client is signed out', asked, answer)
    else if (session) await refresh(session)
  }

  async function send(asked: Asked): Promise<Answer> {
    const from = performance.now()
    const answer = await wire.exchange(port, asked)
    journal.note(asked, answer, performance.now() - from)
    return answer
  }

  /** @throws Lost */
  async function refresh(session: Session): Promise<void> {
    const answer = await ask({
      ...{ method: 'POST', path: '/refresh', key: randomUUID(), expects: [200] },
      body: { refresh_token: session.refresh },
    })
    take(session, answer)
  }

  return { ask, refresh, wire, address, close: wire.close }
}

/** How long to wait before the same request may be sent again; undefined when it may not. */
function waitOf({ status, headers }: Answer): number | undefined {
  const jitter = 250 * Math.random()
  if (status === 0) return 250 + jitter
  if (status !== 503 && status !== 429) return undefined
  return 1000 * Number(headers['retry-after'] ?? 1) + jitter
}

function askedOf({ method, path, body, session, headers, key }: Request): Asked {
  const all = {
    ...(session ? { authorization: `Bearer ${session.access}` } : {}),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...headers,
  }
  return { method, path, headers: all, body }
}

/** Puts the tokens of an answer into a session. */
export function take(session: Session, { body }: Pick<Answer, 'body'>): void {
  session.id = String(body.sessionId)
  session.access = String(body.access_token)
  session.refresh = String(body.refresh_token)
}
