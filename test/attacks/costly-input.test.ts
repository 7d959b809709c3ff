// runs once
// Attacks that cost time: texts, headers, compressed bodies, slow connections. It does not depend
// on the database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { LightMyRequestResponse } from 'fastify'
import { healthRoutes } from '../../src/features/health/routes.ts'
import { createServer } from '../../src/http/app.ts'
import { call } from '../support/answers.ts'
import { addressOf, eachBody, NEVER_REFUSE, theScene, theServer } from '../support/attack-scene.ts'
import { bearer, DEVICE_COOKIE, REFRESH_COOKIE, signedUp } from '../support/factories.ts'
import { newHouse } from '../support/houses.ts'
import { digestOf, operationsOf } from '../support/operations.ts'
import { assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'
import { routesOf } from '../support/routes.ts'

const LONG = 50_000
/** Texts on which patterns that look back take the square of their length, or worse. */
const costly: Record<string, string> = {
  'a letter': 'a'.repeat(LONG),
  'a letter with an odd end': `${'a'.repeat(LONG)}!`,
  'the sign of an address': '@'.repeat(LONG),
  'an address without a dot': `a@${'a'.repeat(LONG)}`,
  'an address of dots': `a@${'a.'.repeat(LONG / 2)}`,
  'an address of hyphens': `a@${'a-'.repeat(LONG / 2)}`,
  'a token of dots': 'a.'.repeat(LONG / 2),
  spaces: ' '.repeat(LONG),
  'characters that are escaped': '"\\'.repeat(LONG / 4),
  'marks that are sorted': `a${'\u0301\u0323'.repeat(LONG / 5)}`,
  'letters that are composed': '각'.normalize('NFD').repeat(LONG / 10),
  'a letter that unfolds to eighteen': '\ufdfa'.repeat(LONG / 4),
}

test('the texts that cost a bad pattern most are refused quickly, in every field', async () => {
  const here = await theScene()

  await eachBody(here, async (send, body, line) => {
    const calm = await calmTime(() => send({ unknown: '' }))
    for (const field of Object.keys(body)) {
      for (const [what, text] of Object.entries(costly)) {
        const answer = await inTimeOf(calm, `${line} ${field}: ${what}`, () =>
          send({ ...body, [field]: text }),
        )
        assert.equal(answer.statusCode, 400, `${line} ${field}: ${what}`)
      }
    }
  })
})

const FLOOD = 15_000
/** Headers as long as they may be, by what reads them. */
const floods: [name: string, value: string][] = [
  ['accept', 'a/b;q=0.1,'.repeat(FLOOD / 10)],
  ['accept', `${','.repeat(FLOOD)}x`],
  ['authorization', `Bearer ${'a.'.repeat(FLOOD / 2)}`],
  ['authorization', `Bearer ${' '.repeat(FLOOD)}`],
  ['cookie', `${REFRESH_COOKIE}=a.b.c; `.repeat(FLOOD / 24)],
  ['cookie', `${DEVICE_COOKIE}=${'a.b~'.repeat(FLOOD / 4)}`],
  ['cookie', 'a='.repeat(FLOOD / 2)],
  ['content-type', `application/json;${' '.repeat(FLOOD)}x`],
  ['content-type', `application/json${'; charset='.repeat(FLOOD / 10)}`],
  ['content-type', `multipart/form-data; boundary=${'-'.repeat(FLOOD)}`],
  ['if-none-match', `${'"a",'.repeat(FLOOD / 4)}x`],
  ['if-match', `"a"${', '.repeat(FLOOD / 2)}x`],
  ['if-match', 'W/"'.repeat(FLOOD / 3)],
  ['idempotency-key', 'k'.repeat(FLOOD)],
  ['origin', `https://${'a.'.repeat(FLOOD / 2)}`],
  ['user-agent', '\u00e9'.repeat(FLOOD)],
  ['x-forwarded-for', '10.0.0.1,'.repeat(FLOOD / 9)],
  ['x-forwarded-host', 'a'.repeat(FLOOD)],
  ['range', `bytes=${'0-1,'.repeat(FLOOD / 4)}`],
]

test('a flood in any header that is read costs nothing and breaks nothing', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const house = `/houses/${(await newHouse(server, person)).id}`
  const reads = ['GET /me', 'GET /problems', `GET ${house}`]
  const writes = ['POST /login', 'POST /refresh', 'POST /houses', `PATCH ${house}`]

  for (const line of [...reads, ...writes, `POST ${house}/photos`, 'POST /logout']) {
    const payload = line.startsWith('GET') ? undefined : '{}'
    const own = bearer(person.access_token)
    const calm = await calmTime(() => call(server, line, payload, own))
    for (const [name, value] of floods) {
      const what = `${line} ${name}: ${value.slice(0, 30)}`
      const headers = { ...own, [name]: value }
      const answer = await inTimeOf(calm, what, () => call(server, line, payload, headers))
      assert.ok(answer.statusCode < 500, `${what}: ${answer.body}`)
    }
  }
})

const oddHeaders: Record<string, string>[] = [
  ...['bytes=0-', 'bytes=99999999-', 'bytes=-0', 'bytes=5-1', 'bytes=0-1,5-6', 'lines=1-2'].map(
    (range) => ({ range }),
  ),
  ...['"x"', '*', 'x', 'W/"x"'].map((tag) => ({ 'if-match': tag })),
  { 'if-none-match': 'x' },
  { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
  { 'if-modified-since': 'never' },
  { 'if-range': '"x"', range: 'bytes=0-1' },
  { 'accept-encoding': 'br;q=x, identity;q=0' },
  { 'content-type': 'x' },
  { 'content-type': 'multipart/form-data' },
  { te: 'trailers' },
  { expect: 'tea' },
  { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
]

test('no header makes any address fail, or do what another method does', async () => {
  const here = await theScene()
  const { server, person } = here
  const before = await digestOf(server)
  const routes = routesOf(server).filter((route) => route.startsWith('GET '))

  for (const route of routes) {
    const line = `GET ${addressOf(route.slice('GET '.length), here)}`
    for (const odd of oddHeaders) {
      const headers = { ...bearer(person.access_token), ...odd }
      const { statusCode, body } = await call(server, line, undefined, headers)
      assert.ok(statusCode < 500, `${line} ${JSON.stringify(odd)}: ${statusCode} ${body}`)
    }
  }

  assert.ok(routes.length > 20)
  assert.equal(await digestOf(server), before)
})

test('a bomb in any encoding is refused by every operation before it is unpacked', async () => {
  const here = await theScene()
  const { server, person } = here
  const bomb = Buffer.alloc(4_000_000, ' ')
  const encodings: [string, Buffer][] = [
    ['gzip', gzipSync(bomb)],
    ['x-gzip', gzipSync(bomb)],
    ['deflate', deflateSync(bomb)],
    ['br', brotliCompressSync(bomb)],
    ['identity, gzip', gzipSync(bomb)],
    ['', gzipSync(bomb)],
  ]

  for (const { line } of await operationsOf(server)) {
    if (line.startsWith('GET ') || NEVER_REFUSE.includes(line)) continue
    const [method, path = ''] = line.split(' ')
    for (const [encoding, payload] of encodings) {
      const type = path.endsWith('/photos') ? 'multipart/form-data; boundary=b' : 'application/json'
      const answer = await call(server, `${method} ${addressOf(path, here)}`, payload, {
        ...bearer(person.access_token),
        'content-type': type,
        'content-encoding': encoding,
      })
      const detail = 'Send the body without Content-Encoding.'
      assertProblem(answer, 'unsupported_media_type', { detail })
    }
  }
})

test('500 connections that send a byte now and then hold up nobody, and are cut off', async (t) => {
  const app = createServer({
    http: { trustProxy: [] },
    log: { level: 'silent' },
    timeouts: { headers: 500, request: 800 },
  })
  t.after(() => app.close())
  await healthRoutes(app, { checks: {} })
  app.post('/things', { config: { optionalBody: true } }, async () => ({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const alone = medianOf(await waitsFor(`http://127.0.0.1:${port}/livez`, 10))
  const inHeaders = 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
  const inBody =
    'POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{'
  const slow = await Promise.all(
    Array.from({ length: 500 }, async (_, index) => {
      const connection = await rawConnection(t, app)
      connection.say(index % 2 ? inHeaders : inBody)
      return connection
    }),
  )
  const dripping = setInterval(() => {
    for (const { socket, say } of slow) if (socket.writable) say(' ')
  }, 100)
  t.after(() => clearInterval(dripping))

  const open = () => slow.filter(({ socket }) => !socket.closed).length
  const [waits, beside]: [number[], number[]] = [[], []]
  while (open() > 0) {
    beside.push(open())
    waits.push(...(await waitsFor(`http://127.0.0.1:${port}/livez`, 1)))
    await sleep(20)
  }
  const answers = await Promise.all(slow.map(({ answers }) => answers()))

  assert.ok(Math.max(...beside) > 250, `${beside} were open`)
  assertNearly(waits, alone)
  for (const [answer] of answers) assert.equal(answer?.statusCode, 408)
})

test('the server stops working for a client that asks for much and reads nothing', async (t) => {
  const { server } = await theScene()
  const connection = await rawConnection(t, server.app)
  const { port } = server.app.server.address() as { port: number }
  const alone = medianOf(await waitsFor(`http://127.0.0.1:${port}/livez`, 10))
  connection.socket.pause()

  connection.say('GET /problems HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3000))
  connection.say('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const waits = await waitsFor(`http://127.0.0.1:${port}/livez`, 10)
  connection.socket.resume()
  const answers = await connection.answers()

  assertNearly(waits, alone)
  const served = answers.filter(({ statusCode }) => statusCode === 200)
  assert.ok(served.length < 100, `${served.length} of 3,000 requests were worked for`)
  assert.equal(answers.at(-1)?.statusCode, 503)
})

/** How long a plain request takes here and now, in milliseconds, the quickest of some. */
async function calmTime(ask: Ask): Promise<number> {
  const times = []
  for (let attempt = 0; attempt < 5; attempt++) times.push((await timed(ask)).milliseconds)
  return Math.min(...times)
}

/**
 * Asks again while it takes much longer than a plain request, since the machine has other work,
 * too.
 * @param calm as `calmTime` answered; texts as long as these cost up to 50 times that, the square
 *   of them a thousand times
 */
async function inTimeOf(calm: number, what: string, ask: Ask): Promise<LightMyRequestResponse> {
  for (let attempt = 1; ; attempt++) {
    const { answer, milliseconds } = await timed(ask)
    if (milliseconds < 200 * calm) return answer
    assert.ok(attempt < 5, `${what} took ${milliseconds} ms, a plain one ${calm} ms`)
  }
}

type Ask = () => Promise<LightMyRequestResponse>

async function timed(ask: Ask) {
  const from = performance.now()
  const answer = await ask()
  return { answer, milliseconds: performance.now() - from }
}

/** How long each of some requests took, in milliseconds, one after the other. */
async function waitsFor(url: string, count: number): Promise<number[]> {
  const waits: number[] = []
  for (let round = 0; round < count; round++) {
    const from = performance.now()
    const answer = await fetch(url)
    assert.equal(answer.status, 200)
    await answer.text()
    waits.push(performance.now() - from)
  }
  return waits
}

/**
 * Compares with the same requests before the attack: who waits for it waits hundreds of times as
 * long.
 */
function assertNearly(waits: number[], alone: number): void {
  const median = medianOf(waits)
  assert.ok(median < 50 * alone, `a wait of ${median} ms, and of ${alone} ms without the attack`)
}

const medianOf = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
