// Pages of other origins that are open in the browser of somebody who is signed in: they try every
// operation of the server, by forms, pictures and scripts. In production, where no other port of
// this machine is trusted.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { addPerson } from '../../../src/testing/people.ts'
import { digestOf } from '../../support/operations.ts'
import type { SpaPage } from '../../support/spa-pages.ts'
import { newBrowser, productionWorld, sessionCookie, signIn } from '../../support/spa-world.ts'

const PASSWORD = 'correct horse battery staple'
const MALLORY = { username: 'mallory', password: PASSWORD }
const LOGIN = { ...MALLORY, transport: 'cookie' }
/** What the operations want that set or use a cookie; all others get nothing. */
const BODIES: Record<string, object> = {
  'POST /login': LOGIN,
  'POST /register': { ...LOGIN, username: 'mallory-2', email: 'mallory-2@example.com' },
  'POST /challenges': { purpose: 'sign_in', transport: 'cookie' },
  'POST /challenges/answer': { challenge: 'x', method: 'mail_code', code: '12345678' },
  'PUT /password': { currentPassword: PASSWORD, newPassword: 'of mallory and nobody else' },
  'DELETE /me': { currentPassword: PASSWORD },
}

/** The browser sends the cookie to any port of its site, so that the server has to refuse it. */
const CONTROL = ['POST /refresh with 403', 'POST /logout with 403']
const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

const world = await productionWorld()
const { app, host } = world

/** Every request that reaches the server: whether it has the cookie, and what it is answered. */
const reached: string[] = []
host.latchkey.app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
  const cookie = request.headers.cookie?.includes('latchkey-refresh') ? 'with' : 'without'
  const line = `${request.method} ${request.url} ${cookie}`
  response.once('finish', () => reached.push(`${line} ${response.statusCode}`))
})

const foreign = createServer((request, response) => {
  // A sandboxed page has an opaque origin: its requests say `Origin: null`.
  if (request.url === '/sandboxed')
    response.setHeader('content-security-policy', 'sandbox allow-scripts allow-forms')
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>Prizes</title>')
})
foreign.listen(0, '127.0.0.1')
await once(foreign, 'listening')
after(() => {
  foreign.closeAllConnections()
  foreign.close()
})
const { port } = foreign.address() as AddressInfo

await addPerson(host, MALLORY)

for (const [what, address, isSameSite] of [
  ['another port of the same site', `http://localhost:${port}/`, true],
  ['another site', `http://127.0.0.1:${port}/`, false],
  ['the same site with an opaque origin', `http://localhost:${port}/sandboxed`, false],
] as const) {
  test(`A page of ${what} changes nothing of a session, and reads nothing`, async () => {
    const page = await victim()
    const context = page.context()
    const lines = await operations()
    const cookies = await context.cookies(app)
    const before = await digestOf(host.latchkey)
    const evil = await context.newPage()
    await evil.goto(address)
    reached.length = 0

    const read = await evil.evaluate(attack(lines))

    assert.ok(lines.length > 60, String(lines.length))
    assert.deepEqual(read, [])
    assert.deepEqual(
      CONTROL.filter((line) => reached.includes(line)),
      isSameSite ? CONTROL : [],
    )
    assert.equal(
      reached.some((line) => line.includes(' with ')),
      isSameSite,
    )
    assert.equal(await digestOf(host.latchkey), before)
    assert.deepEqual(await context.cookies(app), cookies)
    await page.reload()
    await page.locator('.dashboard-facts').waitFor()
    const { value } = (await sessionCookie(context)) ?? {}
    assert.ok(value && cookies.every((own) => own.value !== value), 'the session continues')
    assert.deepEqual(page.complaints, [])
    await context.close()
  })
}

/** Somebody who is signed in to the application, in a browser of their own. */
async function victim(): Promise<SpaPage> {
  const { username } = await addPerson(host, {})
  const page = await newBrowser(world, '/sign-in')
  await signIn(page, username, PASSWORD)
  await page.locator('.dashboard-facts').waitFor()
  return page
}

/** Every operation of the server, such as `POST /login`. */
async function operations(): Promise<string[]> {
  const { paths } = (await (await fetch(`${host.url}/openapi.json`)).json()) as {
    paths: Record<string, object>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

/** What the page does, as a text, since it runs there. Its value is what it could read. */
function attack(lines: string[]): string {
  const requests = lines.map((line) => {
    const [method = '', path = ''] = line.split(' ')
    const url = `${host.url}${path.replaceAll(/\{\w+\}/g, ID)}`
    return { method, url, body: method === 'GET' ? null : JSON.stringify(BODIES[line] ?? {}) }
  })
  return `(${inPage})(${JSON.stringify(requests)})`
}

const inPage = `async (requests) => {
  const read = []

  async function byScript({ method, url }, how) {
    const answer = await fetch(url, { method, credentials: 'include', ...how }).catch(() => undefined)
    if (answer && answer.type !== 'opaque') read.push(method + ' ' + url)
  }

  function byForm({ url, body }, enctype) {
    const frame = document.createElement('iframe')
    frame.name = 'frame' + document.querySelectorAll('iframe').length
    document.body.append(frame)
    const form = document.body.appendChild(document.createElement('form'))
    Object.assign(form, { method: 'POST', action: url, enctype, target: frame.name })
    const input = form.appendChild(document.createElement('input'))
    // As plain text it is the body, with a harmless field at its end.
    const field = body.replace(/}$/, '').replace(/^({.+)$/, '$1,') + '"x":"'
    Object.assign(input, { type: 'hidden', name: field, value: '"}' })
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    form.submit()
    return Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 1000))])
  }

  const json = { 'content-type': 'application/json' }
  await Promise.all(requests.map((one) => byScript(one, { body: one.body, headers: json })))
  for (const one of requests.filter(({ method }) => method === 'GET'))
    await byScript(one, { mode: 'no-cors' })
  for (const one of requests.filter(({ method }) => method === 'POST')) {
    await byScript(one, { mode: 'no-cors' })
    await byScript(one, { mode: 'no-cors', body: one.body })
    await byForm(one, 'text/plain')
    await byForm(one, 'application/x-www-form-urlencoded')
  }
  return read
}`
