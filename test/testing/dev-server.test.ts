// runs once
// `latchkey dev-server`: what programs in other languages do with it, and what it refuses.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startControl } from '../../src/testing/control.ts'
import { startDevServer } from '../../src/testing/dev-server.ts'
import { openOperations } from '../../src/testing/here.ts'
import { send } from '../support/kit.ts'
import { latchkey } from '../support/operator.ts'

type Running = Awaited<ReturnType<typeof startDevServer>>

describe('the control port', () => {
  let running: Running
  let control: { url: string }
  before(async () => {
    running = await startDevServer({ env: {}, port: 0, controlPort: 0 })
    control = { url: running.control }
  })
  after(() => running.close())

  test('POST /people, /sessions and /totp make somebody who is signed in', async () => {
    const { status, body } = await send(control, 'POST /people', { name: 'Ada', totp: true })
    const { secret } = body.totp as { secret: string }

    assert.equal(status, 201)
    const session = await send(control, 'POST /sessions', { userId: body.id })
    const headers = { authorization: `Bearer ${session.body.accessToken}` }
    assert.equal((await send(running, 'GET /me', undefined, headers)).body.name, 'Ada')
    const { code } = (await send(control, 'POST /totp', { secret })).body
    assert.match(String(code), /^\d{6}$/)
  })

  test('POST /clock/advance moves what GET /clock says', async () => {
    const before = (await send(control, 'GET /clock')).body.now as number
    const { body } = await send(control, 'POST /clock/advance', { by: '16m' })

    assert.ok((body.now as number) - before >= 960_000)
  })

  test('GET /mails and /mails/last have the mails', async () => {
    const { body: ada } = await send(control, 'POST /people', {})
    await send(running, 'POST /challenges', { purpose: 'reset_password', login: ada.email })
    const to = encodeURIComponent(String(ada.email))
    const last = await send(control, `GET /mails/last?to=${to}`)

    assert.match(String(last.body.code), /^\d{8}$/)
    assert.deepEqual((await send(control, `GET /mails?to=${to}`)).body.items, [last.body])
    const { status, body } = await send(
      control,
      `GET /mails/last?to=${to}&after=${last.body.id}&timeoutMs=20`,
    )
    assert.deepEqual([status, body.code], [404, 'not_found'])
  })

  test('POST /passkeys makes an authenticator', async () => {
    const { body: ada } = await send(control, 'POST /people', { passkey: true })
    const { body: view } = await send(running, 'POST /challenges', { purpose: 'sign_in' })
    const { body: credential } = await send(
      control,
      `POST /passkeys/${ada.passkey}/get`,
      view.passkey as object,
    )
    const answer = { challenge: view.token, method: 'passkey', credential }

    assert.equal((await send(running, 'POST /challenges/answer', answer)).status, 200)
    const own = await send(control, 'POST /passkeys')
    assert.equal(own.status, 201)
    const unknown = await send(control, 'POST /passkeys/unknown/get', { challenge: 'AA' })
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'not_found'])
  })

  test('POST /faults/… starts what DELETE ends', async () => {
    const { status, body } = await send(control, 'POST /faults/database-away')

    assert.equal(status, 201)
    assert.equal((await send(running, 'GET /readyz')).status, 503)
    assert.equal((await send(control, `DELETE /faults/${body.id}`)).status, 204)
    assert.equal((await send(running, 'GET /readyz')).status, 200)
    await send(control, 'POST /faults/overload')
    await send(control, 'POST /faults/drop-next-response', { path: '/never' })
    await send(control, 'POST /faults/delay', { milliseconds: 10, path: '/never' })
    assert.equal((await send(control, 'DELETE /faults')).status, 204)
    const { body: ada } = await send(control, 'POST /people', {})
    const { username, password } = ada
    assert.equal((await send(running, 'POST /login', { username, password })).status, 200)
    assert.ok(((await send(control, 'POST /faults/revoke-everything')).body.ended as number) >= 1)
    assert.equal(
      typeof (await send(control, 'POST /faults/expire-access-tokens')).body.now,
      'number',
    )
  })

  test('POST /reset empties it', async () => {
    const { body: ada } = await send(control, 'POST /people', {})

    assert.equal((await send(control, 'POST /reset')).status, 204)
    assert.equal((await send(control, 'POST /people', { username: ada.username })).status, 201)
  })

  test('what is wrong gets a problem that says why', async () => {
    const { id } = (await send(control, 'POST /passkeys')).body
    const wrong = [
      ['POST /people', { nickname: 'ada' }, 'validation_failed', /unknown/],
      ['POST /clock/advance', { by: '16' }, 'validation_failed', /no unit/],
      ['POST /faults/delay', {}, 'validation_failed', /required/],
      ['POST /totp', { secret: '1!' }, 'validation_failed', /base32/],
      ['POST /totp', { secret: 'AAAA', at: -1 }, 'validation_failed', /at least 0/],
      ['POST /totp', { secret: 'AAAA', at: 1e300 }, 'validation_failed', /at most/],
      [`POST /passkeys/${id}/create`, { challenge: 5 }, 'validation_failed', /a string/],
      [`POST /passkeys/${id}/create`, { rp: 'localhost' }, 'validation_failed', /an? JSON object/],
      [`POST /passkeys/${id}/get`, { allowCredentials: {} }, 'validation_failed', /an array/],
      [`POST /passkeys/${id}/get`, { allowCredentials: [{}] }, 'validation_failed', /required/],
      ['POST /fire', {}, 'not_found', /nothing/],
      ['GET /people', undefined, 'method_not_allowed', /method/],
    ] as const

    for (const [line, given, code, reason] of wrong) {
      const { body, headers } = await send(control, line, given)
      assert.equal(body.code, code, line)
      assert.match(JSON.stringify(body), reason)
      assert.match(headers.get('content-type') ?? '', /application\/problem\+json/)
    }
  })

  test('answers no page in a browser, by its name or by its origin', async () => {
    const { port } = new URL(control.url)
    const ask = (headers: Record<string, string>, method = 'POST') =>
      new Promise<number | undefined>((resolve, reject) => {
        request({ host: '127.0.0.1', port, path: '/reset', method, headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
          .on('error', reject)
          .end()
      })

    for (const headers of [
      { host: `evil.example:${port}` },
      { host: 'evil.example' },
      { host: `localhost.evil.example:${port}` },
      { host: `localhost:${port}`, origin: 'https://evil.example' },
      { host: `localhost:${port}`, origin: 'null' },
      { host: `127.0.0.1:${port}`, origin: 'http://localhost:5173' },
    ]) {
      assert.equal(await ask(headers), 404, JSON.stringify(headers))
    }
    assert.equal(await ask({ host: `127.0.0.1:${port}` }), 204)
    assert.equal(
      (await send(control, 'GET /clock')).headers.get('access-control-allow-origin'),
      null,
    )
  })
})

describe('latchkey dev-server', () => {
  const refused = async (args: string[], env: Record<string, string>) => {
    const { code, out, err } = await latchkey(['dev-server', ...args], { env })
    assert.equal(out, '')
    return [code, err] as const
  }

  test('refuses production', async () => {
    const [code, reason] = await refused([], { NODE_ENV: 'production' })

    assert.equal(code, 1)
    assert.match(reason, /NODE_ENV=production: .*refuses production. Use "latchkey serve" there/)
  })

  test('refuses addresses beyond this machine', async () => {
    for (const HOST of ['0.0.0.0', '::', '192.0.2.7', 'example.org']) {
      const [code, reason] = await refused([], { HOST })

      assert.equal(code, 1)
      assert.ok(reason.includes(`HOST=${HOST}: dev-server is for this machine alone`), reason)
    }
  })

  test('refuses ports that are none, and names one that is taken', async (t) => {
    const { operations, host } = await openOperations({})
    t.after(() => host.close())
    const { url, close } = await startControl(operations, 0)
    t.after(close)

    const [code, reason] = await refused(['--control-port', '99999'], {})
    assert.deepEqual([code, reason.includes('--control-port: "99999"')], [2, true])
    const [taken, why] = await refused(['--control-port', new URL(url).port], {})
    assert.equal(taken, 1)
    assert.match(why, /--control-port: the server cannot listen there/)
  })

  test('--with-parent ends it with the program that started it', async () => {
    const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
    const args = ['--import', 'tsx', cli, 'dev-server', '--json', '--with-parent']
    const starter = `require('node:child_process').spawn(process.execPath, ${JSON.stringify(args)}, { stdio: 'inherit' })`
    const parent = spawn(process.execPath, ['-e', starter], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [text] = await once(parent.stdout.setEncoding('utf8'), 'data')
    const { url } = JSON.parse(text)
    assert.equal((await send({ url }, 'GET /livez')).status, 200)
    parent.kill('SIGKILL')

    const isServing = () =>
      send({ url }, 'GET /livez').then(
        () => true,
        () => false,
      )
    const end = performance.now() + 20_000
    while (await isServing()) {
      assert.ok(performance.now() < end, 'it still serves')
      await sleep(100)
    }
  })

  test('prints both addresses in one line, and ends with a signal', async () => {
    for (const [flags, line] of [
      [['--json'], /^\{"url":"http:\/\/localhost:\d+","control":"http:\/\/localhost:\d+"\}\n$/],
      [
        [],
        /^Latchkey for tests listens on http:\/\/localhost:\d+ · control on http:\/\/localhost:\d+\n$/,
      ],
    ] as const) {
      const program = new URL('../../src/cli.ts', import.meta.url)
      const args = ['--import', 'tsx', program.pathname, 'dev-server', ...flags]
      const child = spawn(process.execPath, args, {
        cwd: new URL('../..', import.meta.url).pathname,
        env: {
          PATH: process.env.PATH,
          DATABASE_URL: 'postgres://other@localhost/other',
          PORT: '1',
        },
      })
      const [text] = await once(child.stdout.setEncoding('utf8'), 'data')
      child.kill('SIGTERM')

      assert.match(String(text), line)
      assert.deepEqual(await once(child, 'exit'), [0, null])
    }
  })
})
