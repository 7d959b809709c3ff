// Asks a real browser whether the doctor is right: npm run test:browser (CHROMIUM=<path> names
// another) It wants openssl too, for a certificate. It is no part of npm test: a browser is too
// much to ask for there.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createListener, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../../src/config/config.ts'
import { runDoctor } from '../../src/doctor/command.ts'
import { type Latchkey, openLatchkey } from '../../src/server.ts'
import { installedChromium, QUIET_FLAGS } from '../support/browser.ts'
import { type Fact, facts } from './facts.ts'

const PATIENCE_MS = 20_000
/** The first byte of every TLS connection. */
const HANDSHAKE = 22
const SECRET = Buffer.from('test-master-secret-0123456789-abcdefghijklmnop')
const PERSON = { username: 'lyshark', password: 'correct horse battery staple' }

/** Every pair of addresses with the frontend in CORS_ORIGINS, and one of them without. */
const questions: (readonly [fact: Fact, listed: boolean])[] = [
  ...facts.map((fact) => [fact, true] as const),
  [['https://app.example.com', 'https://auth.example.com', 'cors'], false],
]

let wrong = 0
const folder = mkdtempSync(join(tmpdir(), 'latchkey-browser-'))
try {
  const tls = certificate()
  for (const [fact, listed] of questions) await judge(fact, listed, tls)
  console.log(
    wrong === 0 ? 'The doctor is right about all.' : `The doctor is wrong ${wrong} times.`,
  )
} catch (error) {
  wrong++
  console.error(`NOT TESTED IN A BROWSER: ${error instanceof Error ? error.message : error}`)
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}
process.exit(wrong === 0 ? 0 : 1)

type Certificate = { key: Buffer; cert: Buffer }

function certificate(): Certificate {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const args = ['req', '-x509', ...kind, '-subj', '/CN=test', '-keyout', key, '-out', cert]
  try {
    execFileSync('openssl', args, { stdio: 'ignore' })
  } catch (cause) {
    throw new Error('openssl makes no certificate (Debian: apt-get install openssl)', { cause })
  }
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

async function judge([frontend, server]: Fact, listed: boolean, tls: Certificate): Promise<void> {
  const env = { PUBLIC_URL: server, ...(listed ? { CORS_ORIGINS: frontend } : {}) }
  const doctor = runDoctor(['--origin', frontend], env)
  const seen = await seenInBrowser(frontend, env, doctor.text, tls)
  const isRight = (doctor.exitCode === 0) === (seen === 'rotated')
  if (!isRight) wrong++
  const verdict = doctor.exitCode === 0 ? 'can' : 'cannot'
  console.log(`${isRight ? 'right' : 'WRONG'}  ${frontend} ${verdict} use ${server}: ${seen}`)
}

type Settings = { PUBLIC_URL: string }

/**
 * What a refresh answers, after a sign-in with the doctor's own line, in a browser at the frontend.
 */
async function seenInBrowser(
  frontend: string,
  env: Settings,
  doctor: string,
  tls: Certificate,
): Promise<string> {
  const place = mkdtempSync(join(folder, 'world-'))
  const latchkey = await openServer(place, env)
  let tell = (_seen: string) => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  const pages = new Map<string, RequestListener>([
    [
      `${frontend}/page`,
      (_request, response) => {
        response.setHeader('content-type', 'text/html').end(pageOf(env.PUBLIC_URL, doctor))
      },
    ],
    [
      `${frontend}/seen`,
      (request, response) => {
        void text(request).then(tell)
        response.end()
      },
    ],
  ])
  const listener = await listen(tls, (request, response) => {
    const origin = originOf(request)
    const page = pages.get(`${origin}${request.url}`)
    if (page) page(request, response)
    else if (origin === env.PUBLIC_URL) latchkey.app.routing(request, response)
    else response.writeHead(404).end()
  })
  try {
    return await browse(`${frontend}/page`, listener, join(place, 'profile'), told)
  } finally {
    listener.close()
    await latchkey.close()
  }
}

async function openServer(place: string, env: Settings): Promise<Latchkey> {
  const config = loadConfig({
    ...env,
    DATABASE_URL: `file:${join(place, 'latchkey.db')}`,
    UPLOADS_DIR: join(place, 'uploads'),
    LOG_LEVEL: 'silent',
    ARGON2_MEMORY_KIB: '64',
    ARGON2_TIME: '1',
  })
  const latchkey = await openLatchkey({ config, masterSecrets: [SECRET] })
  const payload = { ...PERSON, email: 'lyshark@example.com' }
  await latchkey.app.inject({ method: 'POST', url: '/register', payload })
  return latchkey
}

function originOf({ socket, headers }: IncomingMessage): string {
  return `${'encrypted' in socket ? 'https' : 'http'}://${headers.host}`
}

function pageOf(server: string, doctor: string): string {
  const line =
    /await fetch\(.*$/m.exec(doctor)?.[0] ??
    `await fetch('${server}/login', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password, transport: 'cookie' }) })`
  return `<!doctype html><script type="module">
    const { username, password } = ${JSON.stringify(PERSON)}
    let seen
    try {
      const signedIn = ${line.replace(/^await fetch\('[^']*\/login'/, `await fetch('${server}/login'`)}
      const options = { method: 'POST', credentials: 'include' }
      const refreshed = await fetch('${server}/refresh', options).then((answer) => answer.json())
      seen = signedIn.ok ? refreshed.refreshed ?? refreshed.code : 'sign-in failed with ' + signedIn.status
    } catch (error) {
      seen = String(error)
    }
    await fetch('/seen', { method: 'POST', body: seen })
  </script>`
}

/** One port for http and https, whatever the address: the first byte tells them apart. */
async function listen(tls: Certificate, handle: RequestListener): Promise<Server> {
  const plain = createServer(handle)
  const secure = createSecureServer(tls, handle)
  const listener = createListener((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (bytes) => {
      socket.pause()
      socket.unshift(bytes)
      const chosen = bytes[0] === HANDSHAKE ? secure : plain
      chosen.emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return listener
}

async function browse(
  address: string,
  listener: Server,
  profile: string,
  told: Promise<string>,
): Promise<string> {
  const { port } = listener.address() as AddressInfo
  const browser = spawn(
    installedChromium(),
    [
      ...QUIET_FLAGS,
      '--headless=new',
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=MAP * 127.0.0.1:${port}`,
      '--ignore-certificate-errors',
      // It would ask for https first, also where http is the question.
      '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
      address,
    ],
    { stdio: 'ignore' },
  )
  const gone = once(browser, 'exit')
  try {
    return await Promise.race([told, gone.then(() => giveUp()), pause(PATIENCE_MS).then(giveUp)])
  } finally {
    browser.kill('SIGKILL')
    await gone
  }
}

function giveUp(): never {
  throw new Error('Chromium shows no page')
}
