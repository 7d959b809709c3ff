// runs once Runs the guards of docs/rendering-servers.md as they stand there, beside the answers of
// Latchkey itself.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, transformSync } from 'esbuild'
import { signedUp } from '../support/factories.ts'
import { testClock } from '../support/helper.ts'
import { listeningServer } from '../support/network.ts'
import { pageAt, stepsOf } from '../support/walkthrough.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SECTION = 'Guards for your other services'
/** As much of Nest as a guard takes. */
const NEST = `export const Injectable = () => () => undefined
export class HttpException extends Error {
  constructor(body, status) { super(); Object.assign(this, { body, status }) }
}`

type Said = { status: number; headers: Record<string, string>; body: string }
type Ask = (authorization: string | undefined) => Promise<Said>

/** The guards of the page, for a Latchkey at this address. */
async function guardsFor(t: TestContext, issuer: string): Promise<Record<string, Ask>> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-guards-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const page = pageAt('docs/rendering-servers.md').replaceAll('http://localhost:3000', issuer)
  for (const { code } of stepsOf(page, { heading: SECTION, languages: ['ts'] })) {
    const name = /^\/\/ (.+)\.ts\n/.exec(code)?.[1]
    const own = code.replace("'@nestjs/common'", "'./nest.js'")
    const { code: plain } = transformSync(own, {
      loader: 'ts',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    })
    writeFileSync(join(folder, `${name}.js`), plain)
  }
  writeFileSync(join(folder, 'nest.js'), NEST)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href)
  const { signedIn } = await load('express-guard.js')
  const { SignedIn } = await load('signed-in.guard.js')
  const { GET } = await load('orders.js')
  return { Express: throughExpress(signedIn), Nest: throughNest(SignedIn), edge: throughEdge(GET) }
}

type Middleware = (request: object, response: object, next: () => void) => Promise<void>

/** As Express calls a middleware, with the methods of its response that the guard uses. */
function throughExpress(signedIn: Middleware): Ask {
  return async (authorization) => {
    const said: Said = { status: 200, headers: {}, body: '' }
    const response = {
      locals: {} as { claims?: { sub: string } },
      status(code: number) {
        said.status = code
        return response
      },
      set(headers: Record<string, string>) {
        said.headers = lowerCase(headers)
        return response
      },
      send(body: string) {
        said.body = body
      },
    }
    await signedIn({ headers: { authorization } }, response, () => {
      said.body = ordersOf(response.locals.claims?.sub)
    })
    return said
  }
}

type NestGuard = new () => { canActivate(context: object): Promise<boolean> }

function throughNest(SignedIn: NestGuard): Ask {
  return async (authorization) => {
    const request: { headers: object; claims?: { sub: string } } = { headers: { authorization } }
    const headers: Record<string, string> = {}
    const response = {
      header: (name: string, value: string) => Object.assign(headers, { [name]: value }),
    }
    const http = { getRequest: () => request, getResponse: () => response }
    try {
      await new SignedIn().canActivate({ switchToHttp: () => http })
      return { status: 200, headers: {}, body: ordersOf(request.claims?.sub) }
    } catch (error) {
      const { status, body } = error as { status: number; body: object }
      return { status, headers: lowerCase(headers), body: JSON.stringify(body) }
    }
  }
}

function throughEdge(handler: (request: Request) => Promise<Response>): Ask {
  return async (authorization) => {
    const headers = new Headers(authorization === undefined ? {} : { authorization })
    const response = await handler(new Request('https://api.example.com/orders', { headers }))
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    }
  }
}

const ordersOf = (sub: string | undefined) => JSON.stringify({ ordersOf: sub })

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

/** What a frontend decides by. */
function signs({ status, headers, body }: Said) {
  const { code, action } = JSON.parse(body)
  const challenge = headers['www-authenticate']?.replace(/realm="\w+"|, error_description=.*/g, '')
  return { status, code, action, type: headers['content-type'], challenge }
}

test('The guards of the page answer each token as Latchkey does', async (t) => {
  const masterSecrets = [Buffer.from('test-master-secret-0123456789-abcdefghijklmnop')]
  const address = await freeAddress()
  const env = { PUBLIC_URL: address.base }
  const clock = testClock()
  const server = await listeningServer(t, { env, masterSecrets, clock, port: address.port })
  const past = testClock(Date.now() - 3_600_000)
  const person = await signedUp(server)
  clock.advance((past() - Date.now()) / 1000)
  const old = await signedUp(server)
  clock.advance(3600)
  const tokens: Record<string, string | undefined> = {
    none: undefined,
    'another scheme': 'Basic YTpi',
    genuine: `Bearer ${person.access_token}`,
    'two spaces': `bearer  ${person.access_token}`,
    expired: `Bearer ${old.access_token}`,
    forged: `Bearer ${person.access_token.slice(0, -4)}AAAA`,
    'a refresh token': `Bearer ${person.refresh_token}`,
    garbage: 'Bearer garbage',
    empty: 'Bearer ',
  }
  const guards = await guardsFor(t, server.baseUrl)

  for (const [guard, ask] of Object.entries(guards))
    for (const [name, authorization] of Object.entries(tokens)) {
      const said = await ask(authorization)
      if (name === 'genuine' || name === 'two spaces') {
        assert.equal(said.body, ordersOf(person.user.id), `${guard}: ${name}`)
        continue
      }
      const headers = authorization === undefined ? {} : { authorization }
      const own = await fetch(`${server.baseUrl}/me`, { headers })
      const expected = {
        status: own.status,
        headers: Object.fromEntries(own.headers),
        body: await own.text(),
      }
      assert.deepEqual(signs(said), signs(expected), `${guard}: ${name}`)
    }
})

test('The guards say retry where the keys cannot be read', async (t) => {
  const { base } = await freeAddress()
  const guards = await guardsFor(t, base)
  const token = `${Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"a"}').toString('base64url')}.e30.AAAA`

  for (const [guard, ask] of Object.entries(guards)) {
    const said = await ask(`Bearer ${token}`)
    const { code, action } = JSON.parse(said.body)
    assert.deepEqual([said.status, code, action], [503, 'unavailable', 'retry'], guard)
    assert.equal(said.headers['retry-after'], '5', guard)
  }
})

test('The helper of rendering servers names nothing that only Node or only browsers have', async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['client/src/server/index.ts'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
  })
  const code = outputFiles[0]?.text ?? ''

  assert.equal(code.match(/\b(process|require|document|window|Buffer|import|node:)\b/g), null)
  assert.deepEqual(
    Object.values(metafile.outputs).flatMap(({ imports }) => imports),
    [],
  )
})

/**
 * An address that nobody listens at just now: `PUBLIC_URL` holds the port before the server does.
 */
async function freeAddress(): Promise<{ base: string; port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  return { base: `http://127.0.0.1:${port}`, port }
}
