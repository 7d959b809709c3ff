// runs once
// Drives the clients of a Flask application, as they were, and runs what docs/from-flask.md tells
// its readers to.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { bearer, ORIGIN, PASSWORD, REFRESH_COOKIE, signedUp } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { startNginx } from '../support/nginx.ts'
import { assertFaults } from '../support/problems.ts'
import { writeNotes } from '../support/seen.ts'
import {
  assertPrinted,
  type Place,
  pageAt,
  pageFor,
  runSteps,
  skipWithout,
  startPlace,
  stepsOf,
} from '../support/walkthrough.ts'

const PAGE = 'docs/from-flask.md'
const OLD_PAGE = pageAt('test/old-flask-frontend/index.html')
const OLD_SCRIPT = /<script>(.*)<\/script>/s.exec(OLD_PAGE)?.[1] ?? ''
const OLD_CLIENT = fileURLToPath(new URL('../old-flask-frontend/client.py', import.meta.url))

const APP_ORIGIN = 'https://app.example.com'
const QUARTER = 16 * 60
const DAY = 86_400

/** A place whose connections end with the test: those of `fetch` would stay open for a minute. */
async function openPlace(t: TestContext, env: Record<string, string> = {}): Promise<Place> {
  const place = await startPlace(t, env)
  place.server.app.server.on('connection', (socket) => t.after(() => void socket.destroy()))
  return place
}

/** The page's blocks of one language, as they read for whoever has the server at `base`. */
function codeOf(language: string, base = ORIGIN): string[] {
  return stepsOf(pageFor(base, PAGE), { languages: [language] }).map(({ code }) => code)
}

/** What the old script offers to its page. */
type OldApi = {
  register: (username: string, email: string, password: string) => Promise<number>
  login: (username: string, password: string) => Promise<boolean>
  dashboard: () => Promise<string | undefined>
  logout: () => Promise<number>
}

/** A browser's page at `base` that has loaded the script, with storage. */
function pageWith(base: string, script = OLD_SCRIPT, headers: Record<string, string> = {}) {
  const items = new Map<string, string>()
  const localStorage = {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  }
  const window: { api?: OldApi } = {}
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${base}${path}`, { ...init, headers: { origin: base, ...headers, ...init.headers } })
  runInContext(script, createContext({ fetch: send, localStorage, window }))
  assert.ok(window.api)
  return { ...window.api, items }
}

/** The same, with somebody signed in. */
async function signedInWith(base: string, script?: string, headers?: Record<string, string>) {
  const page = pageWith(base, script, headers)
  assert.equal(await page.register('lyshark', 'lyshark@example.com', PASSWORD), 201)
  assert.equal(await page.login('lyshark', PASSWORD), true)
  return page
}

test('The old script, unchanged, signs up, in and out and refreshes when its token has expired', async (t) => {
  const { server, base } = await openPlace(t)
  const page = await signedInWith(base)

  const names = [await page.dashboard()]
  server.clock.advance(QUARTER)
  names.push(await page.dashboard())
  const status = await page.logout()
  const isIn = await page.login('lyshark', 'a wrong guess')

  assert.deepEqual(names, ['lyshark', 'lyshark'])
  assert.equal(status, 200)
  assert.equal(isIn, false)
  assert.deepEqual([...page.items], [])
})

for (const path of ['/refresh', '/logout']) {
  test(`POST ${path} takes the empty form of axios for no body`, async (t) => {
    const { base } = await openPlace(t)
    const page = await signedInWith(base)
    const headers = {
      ...bearer(page.items.get('refresh_token')),
      'content-type': 'application/x-www-form-urlencoded',
    }
    const send = (payload: string) => fetch(base + path, { method: 'POST', headers, body: payload })

    const nothing = await send('')

    assert.equal(nothing.status, 200)
  })
}

/** The old script with the lines that the page's `diff` adds, in its last place. */
function patchedScript(): string {
  const [diff = ''] = codeOf('diff')
  const lines = diff.trimEnd().split('\n')
  const before = lines.filter((line) => line.startsWith(' ')).map((line) => line.slice(1))
  const after = lines.map((line) => line.slice(1))
  const at = OLD_SCRIPT.lastIndexOf(before.join('\n'))
  assert.ok(at > 0, 'the page changes a line that the old script has')
  const rest = OLD_SCRIPT.slice(at + before.join('\n').length)
  return `${OLD_SCRIPT.slice(0, at)}${after.join('\n')}${rest}`
}

test('The line that the page adds keeps the old script signed in, refresh after refresh', async (t) => {
  const { server, base } = await openPlace(t)
  const page = await signedInWith(base, patchedScript())
  const names: unknown[] = []

  for (let day = 0; day < 4; day++) {
    server.clock.advance(20 * DAY)
    names.push(await page.dashboard())
  }

  assert.deepEqual(names, ['lyshark', 'lyshark', 'lyshark', 'lyshark'])
})

test('The old script, unchanged, loses its session at the third refresh, or keeps it by one key', async (t) => {
  const { server, base } = await openPlace(t)
  const alone = await signedInWith(base)
  const helped = pageWith(base, OLD_SCRIPT, { 'idempotency-key': 'old-frontend' })
  await helped.login('lyshark', PASSWORD)
  const names: unknown[] = []

  for (const seconds of [QUARTER, QUARTER, 10 * DAY, 10 * DAY, 9 * DAY, DAY]) {
    server.clock.advance(seconds)
    names.push([await alone.dashboard(), await helped.dashboard()])
    await writeNotes(server)
  }

  assert.deepEqual(names, [
    ...Array.from({ length: 2 }, () => ['lyshark', 'lyshark']),
    ...Array.from({ length: 3 }, () => [undefined, 'lyshark']),
    [undefined, undefined],
  ])
  const headers = bearer(alone.items.get('refresh_token'))
  const response = await fetch(`${base}/refresh`, { method: 'POST', headers })
  const { code, action } = (await response.json()) as Record<string, unknown>
  assert.deepEqual([response.status, code, action], [401, 'session_ended', 'login'])
})

/** The `name` and `value` of each field of a form, as a browser would send them. */
function fieldsOf(form: string, typed: Record<string, string> = {}): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const [name, value] = ['name', 'value'].map((it) => new RegExp(` ${it}="(.*?)"`).exec(input))
    if (name?.[1]) fields.append(name[1], typed[name[1]] ?? value?.[1] ?? '')
  }
  return fields
}

/** What Chromium sends with a form of the page at `base`. */
function browserHeaders(base: string) {
  return {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8',
    'accept-language': 'en',
    'content-type': 'application/x-www-form-urlencoded',
    origin: base,
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
    'upgrade-insecure-requests': '1',
  }
}

/** A page with the form of the page and its script; answers with what its visitor sees. */
function formPage(base: string, typed: Record<string, string>) {
  const [html = ''] = codeOf('html')
  const [script = '', newToken = ''] = codeOf('js')
  const seen: string[] = []
  const jar: string[] = []
  let submit: (event: object) => Promise<void> = () => assert.fail('nobody listens to the form')
  const form = {
    action: '/login',
    addEventListener: (_event: string, listener: typeof submit) => {
      submit = listener
    },
  }
  const send = async (path: string, init: RequestInit) => {
    const headers = { origin: base, cookie: jar.join('; ') }
    const response = await fetch(`${base}${path}`, { ...init, headers })
    jar.push(...response.headers.getSetCookie().map((line) => line.split(';')[0] ?? ''))
    return response
  }
  const context = createContext({
    fetch: send,
    URLSearchParams,
    document: { querySelector: () => form },
    FormData: function formData() {
      return [...fieldsOf(html, typed)]
    },
    location: { assign: (path: string) => seen.push(`at ${path}`) },
    alert: (text: string) => seen.push(text),
  })
  runInContext(`${script}\n${newToken}`, context)
  const token = (): Promise<string | undefined> => runInContext('newToken()', context)
  return { seen, token, submit: () => submit({ preventDefault: () => undefined }) }
}

test('A form of Flask-WTF gets an issue for each extra field, and signs in without them', async (t) => {
  const { server, base } = await openPlace(t)
  await signedInWith(base)
  const [html = ''] = codeOf('html')
  const typed = { username: 'lyshark', password: PASSWORD }
  const request = { method: 'POST', url: '/login', headers: browserHeaders(base) } as const
  const [wrong, right] = [{ ...typed, password: 'a wrong guess' }, typed].map((visitor) =>
    formPage(base, visitor),
  )

  const old = await server.inject({ ...request, payload: `${fieldsOf(OLD_PAGE)}` })
  const changed = await server.inject({ ...request, payload: `${fieldsOf(html, typed)}` })
  await wrong?.submit()
  await right?.submit()

  const gone = ['/csrf_token', '/remember_me'].map((field) => `${field} unknown_field`)
  assertFaults(old, gone)
  assert.equal(changed.statusCode, 200, changed.body)
  assert.ok(changed.cookies.some(({ name }) => name === REFRESH_COOKIE))
  assert.deepEqual(wrong?.seen, ['The username or the password is wrong.'])
  assert.equal(await wrong?.token(), undefined)
  assert.deepEqual(right?.seen, ['at /'])
  const headers = bearer(await right?.token())
  assert.equal((await fetch(`${base}/me`, { headers })).status, 200)
})

for (const status of [429, 503]) {
  test(`The function newToken of the page throws at ${status}, which ends no session`, async () => {
    const [, newToken = ''] = codeOf('js')
    const context = createContext({ fetch: async () => new Response('{}', { status }) })
    runInContext(newToken, context)

    const token: Promise<unknown> = runInContext('newToken()', context)

    await assert.rejects(token, { message: `/refresh answered ${status}` })
  })
}

const skipPython = skipWithout(['python3'], 'moving in from Flask')

test('The old client in Python, unchanged, signs up and in with forms and refreshes', {
  skip: skipPython,
}, async (t) => {
  const { base, folder } = await openPlace(t)
  const code = `python3 ${JSON.stringify(OLD_CLIENT)} ${base}`

  const printed = await runSteps([{ language: 'sh', code, printed: '' }], folder)

  assert.deepEqual(printed, ['lyshark\nlyshark\nlogged out\n'])
})

test('The script that moves users registers each of them and says who was refused', {
  skip: skipPython,
}, async (t) => {
  const { server, base, folder } = await openPlace(t)
  const [script = ''] = codeOf('python', base)
  const steps = stepsOf(pageFor(base, PAGE), { heading: 'Move the users' })
  writeFileSync(join(folder, 'move_users.py'), script)
  const rows = [
    'username,email,password',
    `lyshark,lyshark@example.com,${PASSWORD}`,
    'lyshark-2,second@example.com,password123',
    `lyshark,again@example.com,${PASSWORD}`,
  ]
  writeFileSync(join(folder, 'users.csv'), `${rows.join('\n')}\n`)

  const printed = await runSteps(steps, folder)

  assertPrinted(steps, printed)
  const users = await server.database.client.user.findMany()
  assert.deepEqual(
    users.map(({ id, username }) => [id, username]),
    [[printed[0]?.split(/\s/)[2], 'lyshark']],
  )
  const open = await server.database.client.session.count({ where: { revokedAt: null } })
  assert.equal(open, 0)
})

/** What the old backend has around the page's `sign_in`; `hash of …` stands for a hash. */
const OLD_BACKEND = `
import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

LATCHKEY = sys.argv[1]
USERS = [
    {'username': 'lyshark', 'email': 'lyshark@example.com', 'password_hash': 'hash of old sentence'},
    {'username': 'lyshark-2', 'email': 'second@example.com', 'password_hash': 'hash of password123'},
    {'username': 'taken', 'email': 'third@example.com', 'password_hash': 'hash of old sentence'},
]
for user in USERS:
    user['new_id'] = None

def find_old_user(name):
    return next((user for user in USERS if user['new_id'] is None
                 and name in (user['username'], user['email'])), None)

def check_password_hash(stored, password):
    return stored == 'hash of ' + password

def keep_new_id(user, new_id):
    user['new_id'] = new_id

def forget_old_hash(user):
    user['password_hash'] = None
`
const SIGN_INS = `
for name, password in [
    ('lyshark', 'a wrong guess'), ('nobody', 'old sentence'), ('lyshark@example.com', 'old sentence'),
    ('lyshark', 'old sentence'), ('lyshark', 'a wrong guess'), ('lyshark-2', 'password123'),
    ('taken', 'old sentence'),
]:
    status, answer = sign_in(name, password, '192.0.2.7')
    print(name, status, answer.get('code') or answer['message'])
print([user['password_hash'] for user in USERS])
print(*[user['new_id'] for user in USERS])
`

test('The step at the first sign-in moves a user whose old password is right', {
  skip: skipPython,
}, async (t) => {
  const { server, base, folder } = await openPlace(t, { TRUST_PROXY: '127.0.0.1' })
  const [, signIn = '', post = ''] = codeOf('python', base)
  const program = [OLD_BACKEND, post, signIn, SIGN_INS].join('\n')
  writeFileSync(join(folder, 'sign_in.py'), program)
  const code = `python3 sign_in.py ${base}`
  await signedUp(server, { username: 'taken', email: 'another@example.com' })

  const printed = await runSteps([{ language: 'sh', code, printed: '' }], folder)

  const { client } = server.database
  const moved = await client.user.findUnique({ where: { usernameKey: 'lyshark' } })
  assert.deepEqual(printed.join('').trimEnd().split('\n'), [
    'lyshark 401 invalid_credentials',
    'nobody 401 invalid_credentials',
    'lyshark@example.com 201 Welcome, lyshark!',
    'lyshark 200 Welcome back, lyshark!',
    'lyshark 401 invalid_credentials',
    'lyshark-2 400 weak_password',
    'taken 401 invalid_credentials',
    "[None, 'hash of password123', 'hash of old sentence']",
    `${moved?.id} None None`,
  ])
  const sessions = await client.session.findMany({ where: { userId: moved?.id ?? '' } })
  assert.deepEqual(new Set(sessions.map(({ ip }) => ip)), new Set(['192.0.2.7']))
})

/** Starts nginx with the page's lines before the server at `base`. @returns its own address */
async function nginxBefore(t: TestContext, base: string): Promise<string> {
  const port = await freePort()
  const [lines = ''] = codeOf('nginx', base)
  await startNginx(t, port, lines.replace('listen 8080', `listen 127.0.0.1:${port}`))
  return `http://127.0.0.1:${port}`
}

test('The lines for nginx keep an unchanged app signed in, and let it sign out with DELETE', {
  skip: skipWithout(['nginx'], 'the lines for nginx'),
}, async (t) => {
  const { server, base } = await openPlace(t, { CORS_ORIGINS: APP_ORIGIN })
  const address = await nginxBefore(t, base)
  const page = await signedInWith(address)
  const names: unknown[] = []

  for (const seconds of [QUARTER, QUARTER, QUARTER]) {
    server.clock.advance(seconds)
    names.push(await page.dashboard())
  }
  const headers = bearer(page.items.get('access_token'))
  const preflight = await fetch(`${address}/logout`, {
    method: 'OPTIONS',
    headers: { ...headers, origin: APP_ORIGIN, 'access-control-request-method': 'POST' },
  })
  const link = await fetch(`${address}/logout`, { headers })
  names.push(await page.dashboard())
  const out = await fetch(`${address}/logout`, { method: 'DELETE', headers })

  assert.deepEqual(names, ['lyshark', 'lyshark', 'lyshark', 'lyshark'])
  assert.deepEqual([preflight.status, link.status], [204, 405])
  assert.equal(preflight.headers.get('access-control-allow-origin'), APP_ORIGIN)
  assert.deepEqual([out.status, await out.json()], [200, { message: 'You are signed out.' }])
  assert.equal(await page.dashboard(), undefined)
})
