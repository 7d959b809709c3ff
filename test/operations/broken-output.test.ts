// runs once

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type TestContext, test } from 'node:test'
import { isRunning, PLACES, type Started } from '../support/broken-output.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/helper.ts'
import { until } from '../support/ways.ts'

/** More lines than any pipe, socket or terminal takes: some 250 bytes each. */
const REQUESTS = 600
/** An answer that takes as long is none. */
const ANSWER_MS = 10_000
/** What the server has to stop in, and some more. */
const STOP_MS = 15_000

/** Workers write to the descriptor of the first process; one place of each sort shows it. */
const WITH_WORKERS = ['a pipe whose reader stops reading', 'a closed descriptor']

for (const [place, startAt] of Object.entries(PLACES)) {
  for (const workers of WITH_WORKERS.includes(place) ? ['1', '2'] : ['1']) {
    test(`WORKERS=${workers} answers and stops while its log goes to ${place}`, async (t) => {
      const port = await freePort()
      const started = startAt(t, {
        ...{ DATABASE_URL: await freshDatabase(t), PORT: String(port), WORKERS: workers },
        LOG_LEVEL: 'info',
      })
      await until(() => isAlive(port, started))

      started.breakNow()
      const asked = await askOften(t, port)
      const code = await stop(started)

      assert.deepEqual(asked, { '200': REQUESTS, '401': REQUESTS })
      assert.equal(code, 0)
    })
  }
}

/** Both a request that does next to nothing and one that is refused, over several connections. */
async function askOften(t: TestContext, port: number): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  t.after(() => agent.destroy())
  const seen: Record<string, number> = {}
  const paths = Array.from({ length: REQUESTS }, () => ['/livez', '/me']).flat()
  await Promise.all(
    paths.map(async (path) => {
      const status = await statusOf(port, path, agent)
      seen[status] = (seen[status] ?? 0) + 1
    }),
  )
  return seen
}

function statusOf(port: number, path: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', port, path, ...(agent ? { agent } : {}) }
    const sent = get(options, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('socket', () => sent.setTimeout(ANSWER_MS, () => sent.destroy(new Error('No answer'))))
    sent.on('error', reject)
  })
}

async function isAlive(port: number, { child }: Started): Promise<true | undefined> {
  assert.equal(child.exitCode, null, 'the server ended')
  const status = await statusOf(port, '/livez').catch(() => undefined)
  return status === 200 ? true : undefined
}

/** @returns the exit code; 0 where the server is no child of this process and is gone */
async function stop({ child, pid }: Started): Promise<number | null> {
  const own = pid() ?? 0
  const exited = own === child.pid ? once(child, 'exit') : undefined
  process.kill(own, 'SIGTERM')
  const deadline = performance.now() + STOP_MS
  await until(async () => {
    assert.ok(performance.now() < deadline, 'the server does not stop')
    return isRunning(own) ? undefined : true
  })
  return exited ? (await exited)[0] : 0
}
