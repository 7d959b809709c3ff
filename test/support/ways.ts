import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Opened, PASSWORD } from './factories.ts'
import { uniqueName } from './helper.ts'
import type { ServerProcess } from './process.ts'

const GIVE_UP_MS = 60_000
/**
 * A connection that is on its way to a worker that dies gets no answer; whoever looks for another
 * tries again.
 */
const FIRST_ANSWER_MS = 10_000

type Asked = { status: number; body: unknown }
type Call = {
  token?: string
  body?: unknown
  /** Called once the server has begun with the request, and waits for its body. */
  onBegin?: () => void
  /** Gives up on the answer. */
  signal?: AbortSignal
}
/** One connection, which stays with the worker that took it. */
export type Way = {
  pid: number
  ask: (method: string, path: string, call?: Call) => Promise<Asked>
}

export async function aWayToEach(t: TestContext, server: ServerProcess): Promise<[Way, Way]> {
  const one = await openWay(t, server)
  const other = await until(async () => {
    const way = await openWay(t, server)
    return way.pid === one.pid ? undefined : way
  })
  return [one, other]
}

export async function openWay(t: TestContext, server: ServerProcess): Promise<Way> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const send = (method: string, path: string, call: Call = {}) =>
    sendOver(agent, server.base + path, method, call)
  const { id } = await send('GET', '/livez', { signal: AbortSignal.timeout(FIRST_ANSWER_MS) })
  const pid = await until(async () => pidOf(server.output(), id))
  return {
    pid,
    ask: async (method, path, call) => {
      const { status, text } = await send(method, path, call)
      return { status, body: text === '' ? undefined : JSON.parse(text) }
    },
  }
}

function sendOver(agent: Agent, url: string, method: string, call: Call) {
  const { token, body, onBegin, signal } = call
  const headers = {
    ...(onBegin ? { expect: '100-continue' } : {}),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  return new Promise<{ status: number; id: string; text: string }>((resolve, reject) => {
    const options = { agent, method, headers, ...(signal ? { signal } : {}) }
    const sent = request(url, options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers: answered } = response
        resolve({ status, id: String(answered['x-request-id']), text })
      })
    })
    sent.on('error', reject)
    const sendBody = () => sent.end(body === undefined ? undefined : JSON.stringify(body))
    if (!onBegin) return sendBody()
    sent.on('continue', () => {
      onBegin()
      sendBody()
    })
    return sent.flushHeaders()
  })
}

/** Which process logged the request. */
function pidOf(output: string, id: string): number | undefined {
  const line = output.split('\n').find((one) => one.includes(id))
  const pid = /"pid":(\d+)/.exec(line ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}

export async function registered(way: Way, onBegin?: () => void): Promise<Opened> {
  const email = `${uniqueName('mail')}@example.com`
  const body = { username: uniqueName(), email, password: PASSWORD }
  const answer = await way.ask('POST', '/register', { body, ...(onBegin ? { onBegin } : {}) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body as Opened
}

/** Asks again until there is an answer. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error('It did not happen in time')
    await sleep(20)
  }
}
