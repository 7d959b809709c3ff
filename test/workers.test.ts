import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hashesAtOnce } from '../src/platform/hash-governor.ts'
import { freshDatabase, uniqueName } from './helper.ts'
import { type Opened, PASSWORD } from './people.ts'
import { launch, type ServerProcess, startProcess } from './process.ts'

const TWO = { WORKERS: '2', LOG_LEVEL: 'info' }
const GIVE_UP_MS = 60_000
/** A connection that is on its way to a worker that dies gets no answer. */
const ANSWER_MS = 10_000
const ROUNDS = 20

test('Two workers are one server', async (t) => {
  const env = { ...TWO, RATE_LIMITS: 'on', METRICS: 'on' }
  const server = await startProcess(t, { url: await freshDatabase(t), env })
  const ways = await aWayToEach(t, server)
  const [one, other] = ways

  await t.test('of which one line speaks', () => {
    assert.equal(server.output().match(/listens on/g)?.length, 1)
  })

  await t.test('where a logout on one holds on the other at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { access_token: token } = await registered(one)
      assert.equal((await other.ask('GET', '/verify', { token })).status, 200)

      await one.ask('POST', '/logout', { token })
      const verified = await other.ask('GET', '/verify', { token })

      assert.equal((verified.body as { code: string }).code, 'session_ended')
    }
  })

  await t.test(
    'where a change of password on one kills the older tokens on the other at once',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { access_token: token } = await registered(one)
        assert.equal((await other.ask('GET', '/verify', { token })).status, 200)

        const body = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' }
        const changed = await one.ask('PUT', '/password', { token, body })
        const older = await other.ask('GET', '/verify', { token })
        const { access_token: fresh } = changed.body as Opened

        assert.equal((older.body as { code: string }).code, 'token_expired')
        assert.equal((await other.ask('GET', '/verify', { token: fresh })).status, 200)
      }
    },
  )

  await t.test('where both count a budget together', async () => {
    assert.deepEqual(await refreshInTurns(ways, 122), { 200: 120, 429: 2 })
  })

  await t.test('whose figures are those of both', async () => {
    const before = livezCount(await one.text('/metrics'))

    for (const way of [one, one, other]) await way.ask('GET', '/livez')
    const text = await one.text('/metrics')

    assert.equal(livezCount(text) - before, 3)
    assert.match(text, /^latchkey_revocation_feed_lag_seconds \d/m)
  })
})

test('A killed worker is replaced, and nobody notices but its own clients', async (t) => {
  const server = await startProcess(t, { url: await freshDatabase(t), env: TWO })
  const [one, other] = await aWayToEach(t, server)
  const { access_token: token } = await registered(one)

  process.kill(other.pid, 'SIGKILL')
  const replacement = await until(async () => {
    assert.equal((await one.ask('GET', '/me', { token })).status, 200)
    const way = await openWay(t, server).catch(() => undefined)
    return way && ![one.pid, other.pid].includes(way.pid) ? way : undefined
  })

  assert.equal((await replacement.ask('GET', '/me', { token })).status, 200)
  assert.match(server.output(), /"signal":"SIGKILL".*a worker ended, and another one takes its/)
})

const SLOW = { ARGON2_MEMORY_KIB: '65536', ARGON2_TIME: '5', LOG_LEVEL: 'info' }

test('SIGTERM to the server and all of its workers answers what is under way, and ends with 0', async (t) => {
  const env = { ...TWO, ...SLOW }
  const server = await startProcess(t, { url: await freshDatabase(t), env })
  const ways = await aWayToEach(t, server)

  const underWay = await Promise.all(ways.map(registering))
  for (const { pid } of ways) process.kill(pid, 'SIGTERM')
  const code = await server.stop('SIGTERM')

  await Promise.all(underWay.map(({ done }) => done))
  assert.equal(code, 0, server.output())
  for (const { pid } of ways) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('SIGTERM to a server without workers does the same', async (t) => {
  const server = await startProcess(t, { url: await freshDatabase(t), env: SLOW })
  const way = await openWay(t, server)

  const underWay = await registering(way)
  const code = await server.stop('SIGTERM')

  await underWay.done
  assert.equal(code, 0, server.output())
})

test('A start on a taken port ends with 1 and says so', async (t) => {
  const url = await freshDatabase(t)
  const { base } = await startProcess(t, { url })
  const env = { ...TWO, PORT: new URL(base).port }

  await assert.rejects(launch({ url, env }), ({ message }: Error) => {
    assert.match(message, /ended with 1 before it listened/)
    assert.match(message, /Latchkey cannot start\. HOST, PORT: .*EADDRINUSE/)
    assert.equal(message.match(/cannot start/g)?.length, 1)
    return true
  })
})

test('Workers share cores and memory for hashes, and each may make one', () => {
  const cost = { memoryKib: 65_536, parallelism: 1 }
  const atOnce = (processes: number, cores: number) =>
    hashesAtOnce(cost, { cores, poolThreads: 10, processes })

  assert.deepEqual([atOnce(1, 8), atOnce(2, 8), atOnce(2, 2), atOnce(64, 8)], [4, 2, 1, 1])
})

type Asked = { status: number; body: unknown }
type Call = {
  token?: string
  body?: unknown
  /** Called once the server has begun with the request, and waits for its body. */
  onBegin?: () => void
}
/** One connection, which stays with the worker that took it. */
type Way = {
  pid: number
  ask: (method: string, path: string, call?: Call) => Promise<Asked>
  text: (path: string) => Promise<string>
}

async function aWayToEach(t: TestContext, server: ServerProcess): Promise<[Way, Way]> {
  const one = await openWay(t, server)
  const other = await until(async () => {
    const way = await openWay(t, server)
    return way.pid === one.pid ? undefined : way
  })
  return [one, other]
}

async function openWay(t: TestContext, server: ServerProcess): Promise<Way> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const send = (method: string, path: string, call: Call = {}) =>
    sendOver(agent, server.base + path, method, call)
  const { id } = await send('GET', '/livez')
  const pid = await until(async () => pidOf(server.output(), id))
  return {
    pid,
    ask: async (method, path, call) => {
      const { status, text } = await send(method, path, call)
      return { status, body: text === '' ? undefined : JSON.parse(text) }
    },
    text: async (path) => (await send('GET', path)).text,
  }
}

function sendOver(agent: Agent, url: string, method: string, { token, body, onBegin }: Call) {
  const headers = {
    ...(onBegin ? { expect: '100-continue' } : {}),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  return new Promise<{ status: number; id: string; text: string }>((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const sent = request(url, { agent, method, headers, signal }, (response) => {
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

async function registered(way: Way, onBegin?: () => void): Promise<Opened> {
  const email = `${uniqueName('mail')}@example.com`
  const body = { username: uniqueName(), email, password: PASSWORD }
  const answer = await way.ask('POST', '/register', { body, ...(onBegin ? { onBegin } : {}) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body as Opened
}

/** A registration that the server has begun with. */
async function registering(way: Way): Promise<{ done: Promise<Opened> }> {
  return new Promise((resolve) => {
    const done: Promise<Opened> = registered(way, () => resolve({ done }))
  })
}

/** One chain of refreshes, each sent to the next one of two workers. @returns how often each status came */
async function refreshInTurns(ways: [Way, Way], times: number): Promise<Record<number, number>> {
  const seen: Record<number, number> = {}
  let held = await registered(ways[0])
  for (let count = 0; count < times; count++) {
    const body = { refresh_token: held.refresh_token }
    const answer = await ways[count % 2 === 0 ? 0 : 1].ask('POST', '/refresh', { body })
    if (answer.status === 200) held = answer.body as Opened
    seen[answer.status] = (seen[answer.status] ?? 0) + 1
  }
  return seen
}

function livezCount(text: string): number {
  const line = /^http_request_duration_seconds_count\{.*route="\/livez".*\} (\d+)$/m.exec(text)
  return Number(line?.[1] ?? 0)
}

/** Asks again until there is an answer. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error('It did not happen in time')
    await sleep(20)
  }
}
