// runs once
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Environment } from '../../src/config/config.ts'
import { runDoctor } from '../../src/doctor/command.ts'
import { facts } from '../browser/facts.ts'
import { call } from '../support/answers.ts'
import { scratchDirectory } from '../support/databases.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'

const SECRET = 'q3Vt8LzXw0pKf7RbN2mYc5HsJd9GaU4eTi6ZoQx1'
const FOREIGN = 'The Origin header names an origin that is not listed in CORS_ORIGINS.'
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', SECRET }

test('the doctor foresees what browsers do with the cookie, address by address', () => {
  for (const [origin, server, fails = ''] of facts) {
    const { text, exitCode } = ask(origin, { PUBLIC_URL: server, CORS_ORIGINS: origin })

    assert.equal(failed(text).join(' '), fails, text)
    assert.equal(exitCode, fails === '' ? 0 : 1)
  }
})

test('a frontend that is not listed is told the one setting to change', () => {
  const { text, exitCode } = ask('https://app.example.com', {
    ...PRODUCTION,
    CORS_ORIGINS: 'https://www.app.example.com',
  })

  assert.equal(exitCode, 1)
  assert.deepEqual(text.split('\n'), [
    'ok    settings  The server starts with them in production.',
    'ok    address   https://auth.example.com is https: browsers accept its cookies.',
    'ok    scheme    Both are https.',
    'ok    site      Both are on the site example.com.',
    'no    cors      CORS_ORIGINS has no https://app.example.com; it has https://www.app.example.com: www. makes another origin.',
    '      change: CORS_ORIGINS=https://www.app.example.com,https://app.example.com',
    "note  calls     From another origin every call needs credentials: 'include', as in",
    "      await fetch('https://auth.example.com/login', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password, transport: 'cookie' }) })",
    '',
    'No: a frontend at https://app.example.com cannot use cookie transport with these settings.',
  ])
})

test('the page about browsers shows what the doctor says', async () => {
  const page = await readFile(new URL('../../docs/browsers.md', import.meta.url), 'utf8')

  const { text } = ask('https://app.other.com', {
    PUBLIC_URL: 'https://auth.example.com',
    CORS_ORIGINS: 'https://app.example.com',
  })

  assert.ok(page.includes(`\n\`\`\`text\n${text}\n\`\`\`\n`), text)
})

test('settings that stop the server are named, and do not hide the other rules', () => {
  const { text, exitCode } = ask('http://localhost:5173', {
    PORT: 'x',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    CORS_ORIGINS: 'http://localhost:5173/',
  })

  assert.equal(exitCode, 1)
  assert.deepEqual(text.split('\n').slice(0, 12), [
    'no    settings  The server does not start with them in development.',
    '      change: PORT: "x" is not a whole number from 0 to 65535',
    '      change: CORS_ORIGINS: every entry must be one exact origin, scheme://host or scheme://host:port, such as https://app.example.org: no *, no null, no path, no slash at the end',
    'ok    address   http://127.0.0.1:3000 is this machine: outside production its cookies do not need https.',
    'ok    scheme    Both are http.',
    'no    site      localhost and 127.0.0.1 are two sites, and the cookie is SameSite=Strict: browsers do not send it.',
    '      change: serve the frontend at http://127.0.0.1:5173',
    '      or: send "transport": "body"; a script then keeps the refresh token',
    'no    cors      The server does not start with this CORS_ORIGINS.',
    '      change: CORS_ORIGINS=http://localhost:5173',
    "note  calls     From another origin every call needs credentials: 'include', as in",
    "      await fetch('http://127.0.0.1:3000/login', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password, transport: 'cookie' }) })",
  ])
})

for (const [listed, what] of [
  ['http://app.example.com', 'http://app.example.com, which is another scheme'],
  ['https://app.example.com:8443', 'https://app.example.com:8443, which is another port'],
  ['https://www.app.example.com', 'https://www.app.example.com: www. makes another origin'],
  ['https://example.com', 'https://example.com without its subdomains'],
  ['https://other.example.com', 'others'],
] as const) {
  test(`a near miss in CORS_ORIGINS is pointed out: it has ${what}`, () => {
    const { text } = ask('https://app.example.com', {
      PUBLIC_URL: 'https://auth.example.com',
      CORS_ORIGINS: listed,
    })

    assert.ok(text.includes(`CORS_ORIGINS has no https://app.example.com; it has ${what}.\n`), text)
    assert.ok(text.includes(`change: CORS_ORIGINS=${listed},https://app.example.com\n`), text)
  })
}

/** The least that production takes. */
const HASHES = { ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' }
const settings: [title: string, env: Record<string, string>][] = [
  ['none', {}],
  ['another port', { PORT: '3001' }],
  ['a listed frontend', { CORS_ORIGINS: 'http://localhost:5173' }],
  [
    'several frontends',
    {
      PUBLIC_URL: 'https://auth.example.com',
      CORS_ORIGINS:
        'HTTPS://App.Example.com:443, https://app.example.com:8443,capacitor://localhost',
    },
  ],
  [
    'production',
    { ...PRODUCTION, ...HASHES, CORS_ORIGINS: 'https://app.example.com,http://localhost:5173' },
  ],
]

const origins = [
  'http://localhost:3000',
  'http://localhost:3001',
  'http://localhost:5173',
  'http://127.0.0.1:5173',
  'http://localhost',
  'https://localhost:5173',
  'https://auth.example.com',
  'https://app.example.com',
  'https://app.example.com:8443',
  'http://app.example.com',
  'https://www.app.example.com',
  'https://example.com',
  'https://app.other.com',
  'capacitor://localhost',
]

for (const [title, env] of settings) {
  test(`the doctor and the server agree on who may ask for a cookie, with settings: ${title}`, async (t) => {
    const server = await startServer(t, { env })
    const { username } = await signedUp(server)
    const body = { username, password: PASSWORD, transport: 'cookie' }

    for (const origin of origins) {
      const { text } = ask(origin, env)
      const isOwn = text.includes('The origin of the server needs no CORS.')
      const preflight = await call(server, 'OPTIONS /login', undefined, {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      })
      const signedIn = await call(server, 'POST /login', body, { origin })

      const mayRead = preflight.headers['access-control-allow-origin'] === origin
      assert.equal(isOwn || mayRead, !failed(text).includes('cors'), `${origin}\n${text}`)
      if (failed(text).includes('cors'))
        assertProblem(signedIn, 'csrf_rejected', { detail: FOREIGN })
      else assert.equal(signedIn.statusCode, 200, `${origin}: ${signedIn.body}`)
    }
  })
}

test('who follows the advice can use cookie transport in the end, wherever the frontend is', () => {
  const production = { NODE_ENV: 'production', SECRET }
  const servers = ['http://127.0.0.1:3000', 'https://10.0.0.3', 'https://a.vercel.app']
  const starts: Environment[] = [
    ...settings.map(([, env]) => env),
    ...servers.map((server) => ({ PUBLIC_URL: server })),
    production,
    {
      ...production,
      PUBLIC_URL: 'http://auth.example.com',
      CORS_ORIGINS: 'http://app.example.com',
    },
    { ...production, PUBLIC_URL: 'auth.example.com', CORS_ORIGINS: 'app.example.com, *,null' },
  ]

  const places = new Set([...facts.map(([origin]) => origin), ...origins])
  places.delete('capacitor://localhost')

  for (const env of starts) {
    for (const place of places) {
      // Production takes http on this machine under three names only, and says so in the settings.
      if (env.NODE_ENV === 'production' && /\.localhost|127\.0\.0\.2/.test(place)) continue
      follow(place, env)
    }
  }
})

function follow(place: string, start: Environment, rounds = 3): void {
  const { text, exitCode } = ask(place, start)
  if (exitCode === 0) return
  assert.ok(rounds > 0, `after all advice:\n${JSON.stringify(start)}\n${text}`)
  const changes = [...text.matchAll(/^ {6}change: ([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => ({
    [String(name)]: String(value),
  }))
  const moved = /^ {6}change: serve the frontend at (.+)$/m.exec(text)?.[1] ?? place
  follow(moved, Object.assign({}, start, ...changes), rounds - 1)
}

for (const [place, server, ...changes] of [
  ['http://localhost:5173', 'https://auth.example.com', 'PUBLIC_URL=http://localhost:3000'],
  [
    'http://localhost:3000',
    'https://auth.example.com',
    'PUBLIC_URL=http://localhost:3001',
    'PORT=3001',
  ],
  ['https://app.other.com', 'https://auth.example.com', 'PUBLIC_URL=https://auth.other.com'],
  ['https://auth.other.com', 'https://auth.example.com', 'PUBLIC_URL=https://accounts.other.com'],
  ['https://app.other.co.uk', 'http://localhost:3000', 'PUBLIC_URL=https://auth.other.co.uk'],
  ['https://me.github.io', 'https://auth.example.com', 'PUBLIC_URL=https://me.github.io'],
  ['http://127.0.0.1:5173', 'http://localhost:3000', 'serve the frontend at http://localhost:5173'],
  [
    'http://192.168.1.5:5173',
    'http://192.168.1.5:3000',
    'PUBLIC_URL=https://192.168.1.5',
    'serve the frontend at https://192.168.1.5',
  ],
] as const) {
  test(`a frontend at ${place} and a server at ${server} get the advice to change ${changes[0]}`, () => {
    const { text } = ask(place, { PUBLIC_URL: server, CORS_ORIGINS: place })

    const advice = [...text.matchAll(/^ {6}change: (.*)$/gm)].map(([, change]) => change)
    assert.deepEqual([...new Set(advice)], changes)
  })
}

test('a port without its PUBLIC_URL is pointed out', () => {
  const { text } = ask('http://localhost:3001', { PORT: '3001' })

  assert.deepEqual(text.split('\n').slice(1, 4), [
    'ok    address   http://localhost:3000 is this machine: outside production its cookies do not need https.',
    '      PORT is 3001, and PUBLIC_URL is not set:',
    '      change: PUBLIC_URL=http://localhost:3001',
  ])
})

test('a development server on this machine needs no setting, and no note about Safari', () => {
  for (const origin of ['http://localhost:5173', 'http://localhost:4321', 'http://localhost']) {
    const { text, exitCode } = ask(origin, {})

    assert.equal(exitCode, 0, text)
    assert.ok(text.includes(`ok    cors      The server allows ${origin}.`), text)
    assert.ok(!text.includes('Safari'), text)
  }
})

for (const [place, env] of [
  ['in production', { ...PRODUCTION, PUBLIC_URL: 'http://localhost:3000' }],
  ['under another name', { PUBLIC_URL: 'http://app.localhost:3000' }],
] as const) {
  test(`a server on this machine ${place} has Secure cookies, which Safari drops`, () => {
    const { text } = ask(env.PUBLIC_URL, env)

    const line = `Chromium and Firefox accept Secure cookies from ${env.PUBLIC_URL}; Safari needs https there too.`
    assert.ok(text.includes(`note  address   ${line}`), text)
  })
}

test('the path of PUBLIC_URL stays in what the doctor tells', () => {
  const env = { PUBLIC_URL: 'https://auth.example.com/v1', CORS_ORIGINS: 'https://app.example.com' }

  const near = ask('https://app.example.com', env)
  const far = ask('https://app.other.com', env)

  assert.equal(near.exitCode, 0)
  assert.ok(near.text.includes("await fetch('https://auth.example.com/v1/login'"), near.text)
  assert.ok(far.text.includes('change: PUBLIC_URL=https://auth.other.com/v1\n'), far.text)
})

test('a packaged app gets the advice to use the body, and what to list', () => {
  const { text, exitCode } = ask('capacitor://localhost', PRODUCTION)

  assert.equal(exitCode, 1)
  assert.deepEqual(text.split('\n').slice(2, 6), [
    'no    scheme    A page of capacitor: is on another site than any server.',
    '      or: send "transport": "body"; a script then keeps the refresh token',
    'no    cors      CORS_ORIGINS has no capacitor://localhost; it is empty.',
    '      change: CORS_ORIGINS=capacitor://localhost',
  ])
})

for (const [given, meant] of [
  ['https://app.example.com/', 'https://app.example.com'],
  ['https://app.example.com/path?x#y', 'https://app.example.com'],
  ['HTTPS://App.Example.com', 'https://app.example.com'],
  ['https://app.example.com:443', 'https://app.example.com'],
  ['https://user:hunter2@app.example.com', 'https://app.example.com'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['app.example.com', 'https://app.example.com'],
  ['localhost:5173', 'http://localhost:5173'],
  ['http://0x7f.1:5173', 'http://127.0.0.1:5173'],
  ['*', undefined],
  ['null', undefined],
  ['https://*.example.com', undefined],
  ['https://a.example,https://b.example', undefined],
  ['file:///index.html', undefined],
  ['https://', undefined],
] as const) {
  test(`--origin ${given} is refused with ${meant ?? 'the form of an origin'}`, () => {
    const { text, exitCode } = ask(given, {})

    assert.equal(exitCode, 2)
    assert.equal(
      text,
      meant
        ? `--origin is not spelled as browsers spell it; write --origin ${meant}`
        : '--origin is not an exact origin, scheme://host or scheme://host:port: no *, no null, no path',
    )
  })
}

test('a wrong call is answered with what is wrong, and 2', () => {
  for (const args of [['--origin'], ['--origin', ''], ['https://app.example.com'], ['--host=x']]) {
    const { text, exitCode } = runDoctor(args, {})

    assert.equal(exitCode, 2)
    assert.match(text, /--origin is empty|argument|option/i)
  }
})

test('the doctor prints no secret, right or wrong', () => {
  const secrets = {
    SECRET: 'short-hunter2',
    DATABASE_URL: 'mysql://app:hunter2@db/accounts?hunter2',
    REDIS_URL: 'http://:hunter2@cache',
    PUBLIC_URL: 'https://admin:hunter2@auth.example.com',
    CORS_ORIGINS: 'https://admin:hunter2@app.example.com',
  }

  for (const env of [secrets, { ...secrets, NODE_ENV: 'production' }]) {
    assert.ok(!ask('https://app.example.com', env).text.includes('hunter2'))
  }
})

test('the doctor repeats the warnings of a start about unknown settings', () => {
  const origin = 'http://localhost:3000'
  const { text, exitCode } = runDoctor(['--origin', origin], { PUBLIC_ULR: origin }, [
    'HOUSE_COLOUR',
  ])
  const { text: refused } = runDoctor(['--origin', origin], { PORT: 'x' }, ['HOUSE_COLOUR'])

  const hint = '      hint: HOUSE_COLOUR: it is not a setting and has no effect'
  assert.equal(exitCode, 0)
  assert.deepEqual(text.split('\n').slice(0, 3), [
    'ok    settings  The server starts with them in development.',
    hint,
    '      hint: PUBLIC_ULR: it is not a setting; write PUBLIC_URL',
  ])
  assert.equal(refused.split('\n')[2], hint)
})

test('the command reads .env as the server does, and leaves nothing behind', async (t) => {
  const cwd = scratchDirectory(t)
  writeFileSync(join(cwd, '.env'), 'CORS_ORIGINS=http://localhost:5173\nHUE=red\n')
  const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
  const origin = 'http://localhost:5173'
  const args = ['--import', import.meta.resolve('tsx'), cli, 'doctor', '--origin', origin]

  const options = { cwd, env: { PATH: process.env.PATH } }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options)

  const env = { CORS_ORIGINS: 'http://localhost:5173', HUE: 'red' }
  const { text } = runDoctor(['--origin', 'http://localhost:5173'], env, Object.keys(env))
  assert.match(text, /hint: HUE: /)
  assert.equal(stdout, `${text}\n`)
  assert.equal(stderr, '')
  assert.deepEqual(readdirSync(cwd), ['.env'])
})

function ask(origin: string, env: Environment) {
  return runDoctor(['--origin', origin], env)
}

/** The rules that say no. */
function failed(report: string): string[] {
  return [...report.matchAll(/^no +(\w+)/gm)].map(([, rule]) => String(rule))
}
