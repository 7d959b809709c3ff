// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Fastify, { type FastifyInstance } from 'fastify'
import { median } from 'simple-statistics'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'

/**
 * What a verified request allocates more than a route of bare Fastify: 2.6 to 3.9 kB on Node 20, 22
 * and 24. It was twice that with each standing header on its own, and twice as much again when each
 * request had a logger, cookies and promises of its own: that must not come back unnoticed.
 */
const MORE_BYTES = 5500
const WARM_UP = 4000
const BATCHES = 15
/** So few that the collector of young objects does not run meanwhile. */
const BATCH = 100

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Asks again and again on one connection, with as little of its own as can be. */
async function asker(app: Pick<FastifyInstance, 'server'>, token: string) {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  const head = 'GET /verify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer'
  const request = Buffer.from(`${head} ${token}\r\n\r\n`)
  return async () => {
    socket.write(request)
    const [answer] = await once(socket, 'data')
    assert.equal(answer.toString('latin1', 9, 12), '200')
  }
}

/** Bytes that one request takes of the heap, the median of several batches. */
async function bytesOf(ask: () => Promise<void>): Promise<number> {
  for (let turn = 0; turn < WARM_UP; turn++) await ask()
  const batches: number[] = []
  for (let turn = 0; turn < BATCHES; turn++) {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let request = 0; request < BATCH; request++) await ask()
    batches.push((process.memoryUsage().heapUsed - before) / BATCH)
  }
  return median(batches)
}

test(`a verified request allocates at most ${MORE_BYTES} bytes more than bare Fastify`, async (t) => {
  const { app, ...server } = await startServer(t, {
    env: { LOG_LEVEL: 'warn', RATE_LIMITS: 'off' },
  })
  const { access_token } = await signedUp({ app, ...server })
  const bare = Fastify()
  t.after(() => bare.close())
  bare.get('/verify', async () => ({ status: 'ok' }))
  for (const each of [app, bare]) await each.listen({ port: 0, host: '127.0.0.1' })

  const least = await bytesOf(await asker(bare, access_token))
  const bytes = await bytesOf(await asker(app, access_token))

  t.diagnostic(`${Math.round(bytes - least)} bytes more than ${Math.round(least)}`)
  assert.ok(bytes - least < MORE_BYTES, `${bytes - least} bytes more than ${least}`)
})
