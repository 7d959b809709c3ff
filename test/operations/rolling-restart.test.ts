import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratchDirectory } from '../support/databases.ts'
import { type Opened, PASSWORD } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase, uniqueName } from '../support/helper.ts'
import { startNginx } from '../support/nginx.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

/**
 * How many requests are under way while the servers are restarted, at least; docs/stopping.md has
 * 20000.
 */
const REQUESTS = Number(process.env.RESTART_REQUESTS ?? 500)
const CLIENTS = 8
const CHECK_INTERVAL_MS = 100
const MISSING = 'nginx is missing: install it (Debian: apt-get install nginx)'
const hasNginx = spawnSync('nginx', ['-v']).status === 0

type Balancer = {
  port: number
  /** Whether it asks `/readyz` and takes out who is red. */
  isChecking: boolean
}

test('Two servers restarted one after another behind nginx lose no request', {
  skip: hasNginx ? false : MISSING,
}, async (t) => {
  const { answers, restarts } = await rollingRestart(t, { isChecking: true })

  t.diagnostic(JSON.stringify({ answers, restarts }))
  const { 200: fine = 0, 201: made = 0, ...failed } = answers
  assert.deepEqual(failed, {})
  assert.ok(fine + made >= REQUESTS)
  assert.ok(restarts >= 2)
})

/**
 * Restarts both servers in turn until enough requests were sent. @returns how often each outcome
 * came
 */
async function rollingRestart(t: TestContext, { isChecking }: Pick<Balancer, 'isChecking'>) {
  const url = await freshDatabase(t)
  const uploads = join(scratchDirectory(t), 'uploads')
  const ports = [await freePort(), await freePort()]
  const start = (port: number) =>
    startProcess(t, {
      url,
      env: { PORT: String(port), UPLOADS_DIR: uploads, SHUTDOWN_DELAY: '2s' },
    })
  const servers: ServerProcess[] = []
  for (const port of ports) servers.push(await start(port))
  const port = await freePort()
  const nginx = await startNginx(t, port, upstream(port, ports, new Set()))
  const checks = isChecking
    ? watch(ports, (red) => nginx.reload(upstream(port, ports, red)))
    : undefined
  const load = startLoad(`http://127.0.0.1:${port}`)

  let restarts = 0
  try {
    for (; restarts < ports.length || load.sent() < REQUESTS; restarts++) {
      const index = restarts % ports.length
      assert.equal(await servers[index]?.stop('SIGTERM'), 0, servers[index]?.output())
      servers[index] = await start(ports[index] ?? 0)
      await checks?.untilAllGreen()
    }
    return { answers: await load.stop(), restarts }
  } finally {
    // Before the servers stop with the test: nginx has no configuration to reload any more.
    await checks?.stop()
  }
}

/** The configuration of docs/stopping.md. */
function upstream(port: number, ports: readonly number[], red: ReadonlySet<number>): string {
  const servers = ports.map(
    (one) => `server 127.0.0.1:${one} max_fails=0${red.has(one) ? ' down' : ''};`,
  )
  return `upstream latchkey { ${servers.join(' ')} keepalive 16; }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass http://latchkey;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_connect_timeout 2s;
      }
    }`
}

/** Asks each server whether it is ready, and says so when one has changed. */
function watch(ports: readonly number[], onChange: (red: ReadonlySet<number>) => void) {
  let red: ReadonlySet<number> = new Set()
  const look = async () => {
    const found = new Set<number>()
    for (const port of ports) if (!(await isReady(port))) found.add(port)
    const isNew = ports.some((port) => found.has(port) !== red.has(port))
    red = found
    // The last one stays in, ready or not.
    if (isNew && red.size < ports.length) onChange(red)
  }
  let isOn = true
  const done = (async () => {
    for (; isOn; await sleep(CHECK_INTERVAL_MS)) await look()
  })()
  return {
    untilAllGreen: async () => {
      do await sleep(CHECK_INTERVAL_MS)
      while (red.size > 0)
    },
    stop: () => {
      isOn = false
      return done
    },
  }
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
  await answer?.arrayBuffer()
  return answer?.ok ?? false
}

/** Clients that each ask one request after the other, reading and writing. */
function startLoad(base: string) {
  const answers: Record<string, number> = {}
  let isOn = true
  let sent = 0
  const note = (outcome: number | string) => {
    answers[outcome] = (answers[outcome] ?? 0) + 1
  }
  const ask = async (method: string, path: string, call: Call = {}) => {
    sent += 1
    const answer = await send(base, method, path, call).catch((error) => error.code as string)
    note(
      typeof answer === 'string' ? `${method} ${path} ${answer}` : statusOf(method, path, answer),
    )
    return typeof answer === 'string' ? undefined : answer
  }
  async function client(): Promise<void> {
    let held: Opened | undefined
    while (isOn) {
      const name = uniqueName()
      const body = { username: name, email: `${name}@example.com`, password: PASSWORD }
      const opened = await ask('POST', '/register', { body })
      held = opened?.status === 201 ? JSON.parse(opened.text) : undefined
      for (let round = 0; isOn && held && round < 50; round++) {
        const token = held.access_token
        await ask('GET', '/me', { token })
        await ask('GET', '/verify', { token })
        const house = { projectNo: uniqueName('no'), projectName: 'Sea View' }
        await ask('POST', '/houses', { token, body: house })
        await ask('POST', '/refresh', { body: { refresh_token: held.refresh_token } })
      }
    }
  }
  const clients = Promise.all(Array.from({ length: CLIENTS }, client))
  return {
    sent: () => sent,
    stop: async () => {
      isOn = false
      await clients
      return answers
    },
  }
}

type Call = { token?: string; body?: object }
type Answer = { status: number; text: string }

/** Good ones are counted together. */
function statusOf(method: string, path: string, { status, text }: Answer): number | string {
  return status < 300 ? status : `${method} ${path} ${status} ${text.slice(0, 80)}`
}

/**
 * Each over a connection of its own: nginx of old ends kept ones when it takes on a configuration.
 */
function send(base: string, method: string, path: string, { token, body }: Call): Promise<Answer> {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, headers, agent: new Agent() }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}
