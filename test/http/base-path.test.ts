// runs once
// PUBLIC_URL with a path, behind proxies that take it off requests, and behind proxies that do not.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { openBrowser, openPage, skipWithoutChromium } from '../support/browser.ts'
import { bearer, type Opened, PASSWORD, REFRESH_COOKIE } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { aHouse } from '../support/houses.ts'
import { startNginx } from '../support/nginx.ts'
import { aPicture } from '../support/pictures.ts'
import { skipWithout } from '../support/walkthrough.ts'

const BASE = '/auth'

type World = {
  server: TestServer
  /** What clients call the server. */
  publicUrl: string
  /** Where requests of the test go. */
  base: string
}
type Open = (t: TestContext) => Promise<World>

/** A server that listens itself; requests have the path of PUBLIC_URL, or do not. */
const direct =
  (path: string): Open =>
  async (t) => {
    const port = await freePort()
    const publicUrl = `http://127.0.0.1:${port}${BASE}`
    const server = await startServer(t, { env: { PUBLIC_URL: publicUrl } })
    await server.app.listen({ host: '127.0.0.1', port })
    return { server, publicUrl, base: `http://127.0.0.1:${port}${path}` }
  }

/** A server behind nginx, which passes addresses on with the path, or without. */
const behindNginx =
  (passedOn: string): Open =>
  async (t) => {
    const [port, inner] = [await freePort(), await freePort()]
    const publicUrl = `http://127.0.0.1:${port}${BASE}`
    const server = await startServer(t, { env: { PUBLIC_URL: publicUrl } })
    await server.app.listen({ host: '127.0.0.1', port: inner })
    const target = `proxy_pass http://127.0.0.1:${inner}`
    await startNginx(
      t,
      port,
      `server {
        listen 127.0.0.1:${port};
        location ${BASE}/ { ${target}${passedOn}; }
        location = ${BASE} { ${target}${passedOn}; }
        location ~ ^/\\.well-known/[^/]+${BASE}$ { ${target}; }
        location / { return 404 'not latchkey'; }
      }`,
    )
    return { server, publicUrl, base: publicUrl }
  }

const needsNginx = { skip: skipWithout(['nginx'], 'PUBLIC_URL with a path behind nginx') }
const worlds: [name: string, open: Open, options: { skip?: string | false }][] = [
  ['requests with the path', direct(BASE), {}],
  ['requests without it', direct(''), {}],
  ['nginx that leaves the path on', behindNginx(''), needsNginx],
  ['nginx that takes the path off', behindNginx('/'), needsNginx],
]

const visit = (world: World, path: string, init: RequestInit = {}) =>
  fetch(`${world.base}${path}`, { redirect: 'manual', ...init })

/** Follows an address as a browser does that got it from the server. */
const follow = ({ base }: World, address: string, init: RequestInit = {}) =>
  fetch(new URL(address, base), { redirect: 'manual', ...init })

const json = { 'content-type': 'application/json' }
const post = (body: object, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
})

function someone() {
  const username = uniqueName()
  return { username, email: `${username}@example.com`, password: PASSWORD }
}

async function signedUpAt(world: World): Promise<{ answer: Response; opened: Opened }> {
  const answer = await visit(world, '/register', post(someone()))
  assert.equal(answer.status, 201)
  return { answer, opened: (await answer.json()) as Opened }
}

for (const [name, open, options] of worlds) {
  const title = (what: string) => `with ${name}, ${what}`

  test(
    title('Location, Link and the address of a photo begin with the path'),
    options,
    async (t) => {
      const world = await open(t)
      const { answer, opened } = await signedUpAt(world)
      const own = bearer(opened.access_token)
      const made = await visit(world, '/houses', post(aHouse(), own))
      const form = new FormData()
      form.append('file', new Blob([await aPicture('png')]), 'a.png')
      const location = String(made.headers.get('location'))
      const put = { method: 'POST', headers: own, body: form }
      const photo = await follow(world, `${location}/photos`, put)
      const { url } = (await photo.json()) as { url: string }
      const list = await visit(world, '/houses?size=1', { headers: own })
      const links = [...String(list.headers.get('link')).matchAll(/<([^>]+)>/g)]
      const first = String(links[0]?.[1])
      const house = await follow(world, location, { headers: own })
      const image = await follow(world, url, { headers: own })
      const page = await fetch(first, { headers: own })

      assert.equal(answer.headers.get('location'), `${BASE}/me`)
      assert.match(location, /^\/auth\/houses\/[0-9a-f-]{36}$/)
      assert.match(url, /^\/auth\/houses\/[0-9a-f-]{36}\/photos\/[0-9a-f-]{36}$/)
      assert.equal(photo.headers.get('location'), url)
      assert.ok(links.length > 0)
      for (const [, link = ''] of links)
        assert.ok(link.startsWith(`${world.publicUrl}/houses?`), link)
      assert.deepEqual([house.status, image.status, page.status], [200, 200, 200])
      assert.equal(image.headers.get('content-type'), 'image/png')
    },
  )

  test(title('the type of every problem is a page of this server'), options, async (t) => {
    const world = await open(t)
    const failures = [
      await visit(world, '/me'),
      await visit(world, '/nowhere'),
      await visit(world, '/me', { method: 'PUT' }),
      await visit(world, '/livez', { headers: { accept: 'image/png' } }),
      await visit(world, '/houses/%ff'),
      await visit(world, '/register', post({})),
    ]

    for (const failure of failures) {
      const { type, code } = (await failure.json()) as { type: string; code: string }
      const page = await follow(world, type)
      assert.equal(type, `${BASE}/problems/${code}`)
      assert.equal(((await page.json()) as { type: string }).type, type)
    }
    const { items } = (await (await visit(world, '/problems')).json()) as {
      items: { type: string }[]
    }
    assert.ok(items.every(({ type }) => type.startsWith(`${BASE}/problems/`)))
  })

  test(title('pages link to pages below the path'), options, async (t) => {
    const world = await open(t)
    const start = await visit(world, '/')
    const docs = await follow(world, String(start.headers.get('location')))
    const withSlash = await visit(world, '/docs/')
    const html = { headers: { accept: 'text/html' } }
    const pages = [docs, withSlash, await visit(world, '/problems', html)]
    const one = await visit(world, '/problems/not_found', html)

    assert.deepEqual([start.status, start.headers.get('location')], [303, `${BASE}/docs`])
    for (const page of [...pages, one]) {
      const addresses = [...(await page.text()).matchAll(/(?:href|src)="([^"]+)"/g)]
      assert.ok(addresses.length > 0, page.url)
      for (const [, address = ''] of addresses) {
        const { pathname } = new URL(address, page === withSlash ? `${world.base}/docs/` : page.url)
        if (world.base.endsWith(BASE)) assert.ok(pathname.startsWith(`${BASE}/`), pathname)
        assert.equal((await follow(world, pathname)).status, 200, pathname)
      }
    }
  })

  test(title('the reference, the tokens and the keys name PUBLIC_URL'), options, async (t) => {
    const world = await open(t)
    const { publicUrl } = world
    const { opened } = await signedUpAt(world)
    const [, payload = ''] = opened.access_token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const reference = (await (await visit(world, '/openapi.json')).json()) as { servers: object[] }
    const inserted = await fetch(new URL(`/.well-known/jwks.json${BASE}`, publicUrl))
    const appended = await fetch(`${publicUrl}/.well-known/jwks.json`)

    assert.deepEqual([claims.iss, claims.aud], [publicUrl, publicUrl])
    assert.deepEqual(reference.servers, [{ url: publicUrl, description: 'This server' }])
    assert.deepEqual([inserted.status, appended.status], [200, 200])
    assert.equal(inserted.headers.get('access-control-allow-origin'), '*')
    assert.deepEqual(await inserted.json(), await appended.json())
  })

  test(title('a session in cookie transport continues'), options, async (t) => {
    const world = await open(t)
    const origin = new URL(world.publicUrl).origin
    const body = { ...someone(), transport: 'cookie' }

    const registered = await visit(world, '/register', post(body, { origin }))
    const lines = registered.headers.getSetCookie()
    const line = lines.find((one) => one.startsWith(`${REFRESH_COOKIE}=`)) ?? ''
    const headers = { origin, cookie: String(line.split(';', 1)[0]) }
    const refreshed = await visit(world, '/refresh', { method: 'POST', headers })

    assert.match(line, /; Path=\/; HttpOnly; SameSite=Strict$/)
    assert.equal(((await refreshed.json()) as Opened).refreshed, 'rotated')
  })
}

test('only the path itself is taken off, once, and as it is written', async (t) => {
  const { server, base } = await direct('')(t)
  const statusOf = async (url: string) => (await server.inject({ url })).statusCode

  for (const url of ['/livez', '/auth/livez', '/auth/livez?x', '/auth', '/auth/', '/auth?x']) {
    assert.notEqual(await statusOf(url), 404, url)
  }
  for (const url of ['/authlivez', '/auth.livez', '/AUTH/livez', '/x/auth/livez', '/livez/auth']) {
    assert.equal(await statusOf(url), 404, url)
  }
  // A proxy that speaks as RFC 9112 3.2.2 lets it.
  const { port } = new URL(base)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`GET ${base}/auth/livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
  assert.match(await text(socket), /^HTTP\/1\.1 200 /)
})

test('what is refused before there is a route is answered with a type below the path', async (t) => {
  const { base, server } = await direct('')(t)
  const long = await server.inject({ url: `/auth/${'a'.repeat(8192)}` })
  const socket = connect(Number(new URL(base).port), '127.0.0.1')
  socket.write('nonsense\r\n\r\n')

  assert.match(await text(socket), /"type":"\/auth\/problems\/malformed_request"/)
  assert.equal(long.json<{ type: string }>().type, '/auth/problems/uri_too_long')
})

test('a path with several parts and a dot is taken literally', async (t) => {
  const env = { PUBLIC_URL: 'https://example.com/v1.0/auth_~-x/' }
  const { inject } = await startServer(t, { env })
  const statusOf = async (url: string) => (await inject({ url })).statusCode

  const start = await inject({ url: '/v1.0/auth_~-x' })

  assert.equal(start.headers.location, '/v1.0/auth_~-x/docs')
  assert.equal(await statusOf('/v1.0/auth_~-x/livez'), 200)
  assert.equal(await statusOf('/v1x0/auth_~-x/livez'), 404)
  assert.equal(await statusOf('/.well-known/jwks.json/v1.0/auth_~-x'), 200)
})

for (const path of ['/docs', '/houses/api', '/.well-known', '/verify', '/problems/x']) {
  test(`a server below ${path}, where it has addresses itself, does not start`, async (t) => {
    const env = { PUBLIC_URL: `https://example.com${path}` }
    const [, first] = path.split('/')

    await assert.rejects(startServer(t, { env }), {
      message: `PUBLIC_URL: the server uses paths below /${first} itself; choose another path`,
    })
  })
}

for (const [name, open, options] of worlds.filter(([, , { skip }]) => skip !== undefined)) {
  const skip = options.skip || skipWithoutChromium('the page of the reference below a path')
  test(`with ${name}, the page of the reference works in a browser`, { skip }, async (t) => {
    const world = await open(t)
    const browser = await openBrowser()
    t.after(() => browser.close())
    const { page, foreign, complaints } = await openPage(browser, new URL(world.base).origin)

    await page.goto(world.base)
    const operation = page.locator('[id^="operations-"][id$="-getLive"]')
    await operation.locator('.opblock-summary-control').click()
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().resourceType() === 'fetch'),
      operation.getByRole('button', { name: 'Execute' }).click(),
    ])

    assert.equal(page.url().replace(/#.*/, ''), `${world.publicUrl}/docs`)
    assert.deepEqual([answer.url(), answer.status()], [`${world.publicUrl}/livez`, 200])
    assert.deepEqual([foreign, complaints], [[], []])
  })
}
