// runs once
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratchDirectory } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'
import { startNginx } from '../support/nginx.ts'
import { pageAt, skipWithout } from '../support/walkthrough.ts'

// Runs the nginx file of docker-compose.yml in front of two servers that note what they get.

const FILE = 'deploy/nginx/nginx.conf'
const SERVERS = ['10.213.17.3:3000', '10.213.17.4:3000'] as const
const skip = skipWithout(['nginx'], FILE)

type Seen = { method: string; headers: IncomingHttpHeaders }

/** @param dies whether it ends the connection when a request has arrived, without an answer */
async function startStub(t: TestContext, port: number, dies: () => boolean) {
  const seen: Seen[] = []
  const server = createServer((received, reply) => {
    received.resume().on('end', () => {
      seen.push({ method: received.method ?? '', headers: received.headers })
      if (dies()) received.socket.destroy()
      else reply.end('ok')
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => stop(server))
  return { server, seen }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

/** nginx in front of two stubs. */
async function startFleet(t: TestContext) {
  const state = { isDying: false }
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const
  const [port, own, ...behind] = ports
  const stubs = await Promise.all(behind.map((one) => startStub(t, one, () => state.isDying)))
  await startNginx(t, port, httpBlock(port, own, behind))
  for (const { seen } of stubs) seen.length = 0
  return { base: `http://127.0.0.1:${port}`, own: `http://127.0.0.1:${own}`, stubs, state }
}

/** What stands in `http { … }`, with ports of this machine. */
function httpBlock(port: number, own: number, behind: readonly number[]): string {
  const [, block = ''] = /^http \{\n(.*)^\}$/ms.exec(pageAt(FILE)) ?? []
  return block
    .replaceAll(/^ *(\w+_temp_path|access_log) .*$/gm, '')
    .replace('include /etc/nginx/listen.conf;', pageAt('deploy/nginx/plain.conf'))
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('127.0.0.1:8081', `127.0.0.1:${own}`)
    .replace(SERVERS[0], `127.0.0.1:${behind[0]}`)
    .replace(SERVERS[1], `127.0.0.1:${behind[1]}`)
}

/** @returns the status */
function ask(url: string, method = 'GET', headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject).end(method === 'POST' ? '{}' : '')
  })
}

async function askOften(times: number, url: string, method?: string): Promise<number[]> {
  const answers: number[] = []
  for (let asked = 0; asked < times; asked++) answers.push(await ask(url, method))
  return [...new Set(answers)]
}

test('both servers get requests, and see who really sent them', { skip }, async (t) => {
  const { base, own, stubs } = await startFleet(t)
  const forged = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Host': 'evil.example' }

  assert.equal(await ask(own), 204)
  assert.deepEqual(await askOften(20, base), [200])
  assert.equal(await ask(base, 'GET', { ...forged, 'X-Forwarded-Proto': 'https' }), 200)

  for (const { seen } of stubs) assert.ok(seen.length >= 8)
  for (const { headers } of stubs.flatMap(({ seen }) => seen)) {
    assert.equal(headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(headers['x-forwarded-host'], '127.0.0.1')
    assert.equal(headers['x-forwarded-proto'], 'http')
  }
})

test('a server that has stopped is passed by, for a POST too', { skip }, async (t) => {
  const { base, stubs } = await startFleet(t)
  const [first, second] = stubs
  assert.ok(first && second)

  await stop(first.server)
  const answers = [...(await askOften(10, base)), ...(await askOften(10, base, 'POST'))]

  assert.deepEqual(new Set(answers), new Set([200]))
  assert.equal(second.seen.length, 20)
})

test('a POST that has arrived is never sent twice, a GET is', { skip }, async (t) => {
  const { base, stubs, state } = await startFleet(t)
  const seen = () => stubs.flatMap((stub) => stub.seen.map(({ method }) => method))

  state.isDying = true
  const posted = await ask(base, 'POST')
  const posts = seen()
  state.isDying = false

  assert.equal(posted, 502)
  assert.deepEqual(posts, ['POST'])
  // fail_timeout, in whole seconds: until then nginx leaves out the server that has just failed.
  await sleep(2500)
  let isLeft = true
  for (const { server } of stubs) {
    server.prependOnceListener('request', (received) => {
      if (isLeft) received.socket.destroy()
      isLeft = false
    })
  }
  assert.equal(await ask(base), 200)
})

test('the body of the largest photo passes, and a larger one does not', { skip }, async (t) => {
  const { base } = await startFleet(t)
  const post = async (bytes: number) => {
    const body = new Uint8Array(bytes)
    const { status } = await fetch(base, { method: 'POST', body })
    return status
  }

  assert.equal(await post(5.5 * 1024 * 1024), 200)
  assert.equal(await post(7 * 1024 * 1024), 413)
})

test('nginx accepts the whole file, with and without a certificate', {
  skip: skipWithout(['nginx', 'openssl'], FILE),
}, (t) => {
  const folder = scratchDirectory(t)
  const [key, certificate] = [join(folder, 'tls_key'), join(folder, 'tls_certificate')]
  const making = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=auth.example.com']
  execFileSync('openssl', [...making, '-keyout', key, '-out', certificate], { stdio: 'ignore' })

  for (const listen of ['plain.conf', 'tls.conf']) {
    const here = (text: string) =>
      text
        .replaceAll(/(?<=\s)\/tmp\//g, `${folder}/`)
        .replaceAll('/run/secrets/', `${folder}/`)
        .replaceAll('/etc/nginx/listen.conf', join(folder, listen))
    writeFileSync(join(folder, listen), here(pageAt(`deploy/nginx/${listen}`)))
    writeFileSync(join(folder, 'nginx.conf'), here(pageAt(FILE)))
    const options = ['-t', '-q', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr']

    execFileSync('nginx', options, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
})

test('it forwards as docs/operating.md says', () => {
  const forwarding = (text: string) =>
    /location \/ \{\n(.*?)\n *\}/s
      .exec(text)?.[1]
      ?.split('\n')
      .map((line) => line.trim())

  assert.ok((forwarding(pageAt(FILE))?.length ?? 0) > 10)
  assert.deepEqual(forwarding(pageAt(FILE)), forwarding(pageAt('docs/operating.md')))
})
