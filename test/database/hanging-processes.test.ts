// runs once
import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { type TestContext, test } from 'node:test'
import type { Opened } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/helper.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import { aWayToEach, openWay, registered, until, type Way } from '../support/ways.ts'

const ROUNDS = 20
/** The time that a process waits for one that does not answer, once. */
const LONGEST_WAIT_MS = 1000
const ENV = { LOG_LEVEL: 'info', RATE_LIMITS: 'on', METRICS: 'on' }

test('A worker that hangs delays one request of the others, and hides none of their figures', async (t) => {
  const { ways, figures } = await startThree(t)
  const [one, other, third] = ways
  const opened = await all(ROUNDS, () => registered(one))

  halt(t, third.pid)
  const took = await timeOf(async () => {
    for (const { access_token: token } of opened) {
      assert.equal((await one.ask('POST', '/logout', { token })).status, 200)
      const { body } = await other.ask('GET', '/verify', { token })
      assert.equal((body as { code: string }).code, 'session_ended')
    }
  })
  const text = await figures()

  assert.ok(took < (ROUNDS / 2) * LONGEST_WAIT_MS, `${took} ms`)
  assert.match(text, /route="\/verify",status="401"\} 20$/m)

  process.kill(third.pid, 'SIGCONT')
  await until(async () => (await third.ask('GET', '/livez')).status === 200 || undefined)
})

test('Workers keep serving while the primary process hangs', async (t) => {
  const port = String(await freePort())
  const env = { ...ENV, WORKERS: '2', METRICS_PORT: port }
  const server = await startProcess(t, { url: await freshDatabase(t), env })
  const way = await openWay(t, server)
  const figures = openFigures(t, port)
  let held = await registered(way)
  await figures()

  halt(t, server.pid)
  const took = await timeOf(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const body = { refresh_token: held.refresh_token }
      const answer = await way.ask('POST', '/refresh', { body })
      assert.equal(answer.status, 200)
      held = answer.body as Opened
    }
    assert.match(await figures(), /^http_request_duration_seconds_count/m)
  })

  assert.ok(took < (ROUNDS / 2) * LONGEST_WAIT_MS, `${took} ms`)
})

test('SIGTERM ends a server in its time although a worker hangs, and the worker with it', async (t) => {
  const { server, ways } = await startThree(t)
  const [one, , third] = ways
  assert.equal((await one.ask('GET', '/livez')).status, 200)

  halt(t, third.pid)
  const code = await server.stop('SIGTERM')

  assert.equal(code, 1)
  for (const { pid } of ways) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

for (const signal of ['SIGABRT', 'SIGSEGV'] as const) {
  test(`${signal}, which a crash in native code sends, ends the server immediately`, async (t) => {
    const server = await startProcess(t, { url: await freshDatabase(t) })

    assert.equal(await server.stop(signal), null, 'it has handled the signal')
  })
}

/** A server of three workers, with a connection to each. */
async function startThree(t: TestContext): Promise<Started> {
  const port = String(await freePort())
  const env = { ...ENV, WORKERS: '3', METRICS_PORT: port }
  const server = await startProcess(t, { url: await freshDatabase(t), env })
  const [one, other] = await aWayToEach(t, server)
  const third = await until(async () => {
    const way = await openWay(t, server)
    return [one.pid, other.pid].includes(way.pid) ? undefined : way
  })
  return { server, ways: [one, other, third], figures: openFigures(t, port) }
}

type Figures = () => Promise<string>
type Started = { server: ServerProcess; ways: [Way, Way, Way]; figures: Figures }

/** Asks for the figures, always over one connection, which stays with the worker that took it. */
function openFigures(t: TestContext, port: string): Figures {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  return () =>
    new Promise((resolve, reject) => {
      const asked = get(`http://127.0.0.1:${port}/metrics`, { agent }, (response) => {
        response.setEncoding('utf8')
        response.toArray().then((parts) => resolve(parts.join('')), reject)
      })
      asked.on('error', reject)
    })
}

/** Stops a process in the middle of what it does; it goes on when the test ends, at the latest. */
function halt(t: TestContext, pid: number): void {
  process.kill(pid, 'SIGSTOP')
  t.after(() => {
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // It has been ended.
    }
  })
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

async function all<T>(times: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = []
  for (let count = 0; count < times; count++) made.push(await make())
  return made
}
