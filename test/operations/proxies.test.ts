// runs once Starts the proxies of docs/operating.md with the files as they stand there, and sends
// requests through them.
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { listeningAddress } from '../../src/server.ts'
import { scratchDirectory } from '../support/databases.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { startServer } from '../support/helper.ts'
import { newHouse } from '../support/houses.ts'
import { startNginx } from '../support/nginx.ts'
import { pageAt, skipWithout, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/operating.md'
const HOST = 'auth.example.com'
const FORGED = '203.0.113.9'
const run = promisify(execFile)

/** The only code block of a section in this language. */
function fileIn(heading: string, language: string): string {
  const [file, ...more] = stepsOf(pageAt(PAGE), { heading, languages: [language] })
  assert.ok(file && more.length === 0, `${heading} has one block of ${language}`)
  return file.code
}

/** A server as the page sets it up, with somebody who owns a house. */
async function backend(t: TestContext) {
  const env = { PUBLIC_URL: `https://${HOST}`, TRUST_PROXY: '127.0.0.1' }
  const server = await startServer(t, { env })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const address = listeningAddress(server.app).replace('http://localhost', '127.0.0.1')
  const owner = await signedUp(server)
  return { server, address, owner, house: await newHouse(server, owner) }
}

type Backend = Awaited<ReturnType<typeof backend>>

/** Sends the largest photo, a body that is too large and a forged address through the proxy. */
async function tryProxy(t: TestContext, { server, owner, house }: Backend, base: string) {
  const folder = scratchDirectory(t)
  const [photo, tooLarge] = [join(folder, 'house.png'), join(folder, 'large.bin')]
  writeFileSync(photo, await noise(1280))
  writeFileSync(tooLarge, Buffer.alloc(8 * 1024 * 1024))
  const token = `Authorization: Bearer ${owner.access_token}`
  const photos = `${base}/houses/${house.id}/photos`

  const uploaded = await curl(base, [photos, '-H', token, '-F', `file=@${photo};type=image/png`])
  const refused = await curl(base, [photos, '-H', token, '-F', `file=@${tooLarge}`])
  const login = { username: owner.username, password: PASSWORD }
  const asForged = ['-H', `X-Forwarded-For: ${FORGED}`, '-H', 'X-Forwarded-Host: evil.example']
  const json = ['-H', 'Content-Type: application/json', '-d', JSON.stringify(login)]
  const signedIn = await curl(base, [`${base}/login`, ...asForged, ...json])
  const sessions = await server.database.client.session.findMany()

  assert.equal(uploaded, '201')
  assert.equal(refused, '413')
  assert.equal(signedIn, '200')
  assert.equal(sessions.length, 2)
  assert.doesNotMatch(JSON.stringify(sessions), new RegExp(FORGED))
  assert.doesNotMatch(JSON.stringify(server.logs), /proxies: /)
}

/** A picture that cannot be compressed: nearly 5 MiB. */
function noise(side: number): Promise<Buffer> {
  const pixels = randomBytes(side * side * 3)
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}

/** One request of curl, which finds the host on this machine. @returns the status */
async function curl(base: string, args: string[]): Promise<string> {
  const { port } = new URL(base)
  const options = ['-sk', '--max-time', '30', '-o', '/dev/null', '-w', '%{http_code}']
  const { stdout } = await run('curl', [
    ...options,
    '--resolve',
    `${HOST}:${port}:127.0.0.1`,
    ...args,
  ])
  return stdout
}

test('the nginx file passes a large photo, refuses more, and hides what clients forge', {
  skip: skipWithout(['nginx', 'curl', 'openssl'], `nginx of ${PAGE}`),
}, async (t) => {
  const place = await backend(t)
  const [port, plainPort] = [await freePort(), await freePort()]
  const folder = scratchDirectory(t)
  const certificate = [
    '-keyout',
    join(folder, 'privkey.pem'),
    '-out',
    join(folder, 'fullchain.pem'),
  ]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${HOST}`]
  execFileSync('openssl', [...request, ...certificate], { stdio: 'ignore' })
  const file = fileIn('nginx', 'nginx')
    .replaceAll(/^ *listen \[::\].*$/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
    .replace('listen 443 ', `listen 127.0.0.1:${port} `)
    .replaceAll(`/etc/letsencrypt/live/${HOST}`, folder)
    .replace('127.0.0.1:3000', place.address)
  await startNginx(t, port, file)

  const plain = await curl(`http://${HOST}:${plainPort}`, [`http://${HOST}:${plainPort}/me`])

  assert.equal(plain, '301')
  await tryProxy(t, place, `https://${HOST}:${port}`)
})

test('the Caddy file passes a large photo, refuses more, and hides what clients forge', {
  skip: skipWithout(['caddy', 'curl'], `Caddy of ${PAGE}`),
}, async (t) => {
  const place = await backend(t)
  const port = await freePort()
  const base = `http://${HOST}:${port}`
  const file = fileIn('Caddy', 'caddyfile')
    .replace(`\n${HOST} {`, `\n${base} {`)
    .replace('127.0.0.1:3000', place.address)
  await startCaddy(t, `{\n  admin off\n}\n${file}`, port)

  await tryProxy(t, place, base)
})

test('systemd accepts the unit, which stops later than the server', {
  skip: skipWithout(['systemd-analyze'], `the unit of ${PAGE}`),
}, async (t) => {
  const folder = scratchDirectory(t)
  const path = join(folder, 'latchkey.service')
  const unit = fileIn('systemd', 'ini')
  writeFileSync(path, unit.replace('/usr/bin/node', process.execPath))

  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', path])

  assert.equal(stdout + stderr, '')
  assert.match(unit, /^TimeoutStopSec=20$/m)
  assert.match(unit, /^NoNewPrivileges=yes$/m)
})

async function startCaddy(t: TestContext, file: string, port: number): Promise<void> {
  const folder = scratchDirectory(t)
  writeFileSync(join(folder, 'Caddyfile'), file)
  mkdirSync(join(folder, 'home'))
  const env = { ...process.env, HOME: join(folder, 'home'), XDG_DATA_HOME: '', XDG_CONFIG_HOME: '' }
  const caddy = spawn('caddy', ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'], {
    ...{ cwd: folder, env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  caddy.stderr.on('data', (chunk) => {
    errors += chunk
  })
  t.after(async () => {
    caddy.kill('SIGTERM')
    if (caddy.exitCode === null) await once(caddy, 'exit')
  })
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (answer) return
    await sleep(50)
  }
  assert.fail(`Caddy does not answer: ${errors}`)
}
