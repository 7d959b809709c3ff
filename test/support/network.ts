import type { TestContext } from 'node:test'
import { createLatchkey, type LatchkeyOptions } from '../../client/src/index.ts'
import { listeningAddress } from '../../src/server.ts'
import { ORIGIN } from './factories.ts'
import { startServer, type TestServer } from './helper.ts'

/** What happens to a request on its way. */
type Fate = (request: Request, deliver: () => Promise<Response>) => Promise<Response>

/** The request never arrives. */
export const unreachable: Fate = () => Promise.reject(new TypeError('fetch failed'))

/** The server does what it is asked, and the answer is lost on its way. */
export const answerLost: Fate = async (_request, deliver) => {
  await deliver()
  throw new TypeError('fetch failed')
}

/** The answer breaks off after its head. */
export const answerBroken: Fate = async (_request, deliver) => {
  const { status, headers } = await deliver()
  const body = new ReadableStream({ start: (controller) => controller.error(new TypeError('cut')) })
  return new Response(body, { status, headers })
}

/** A gateway answers in the place of the server. */
export function gateway(status: number, headers: Record<string, string> = {}): Fate {
  return async () => new Response('<h1>Not now</h1>', { status, headers })
}

/**
 * The way between clients and a server: it counts requests, can do to them what networks do, and
 * has the cookies of one browser.
 */
export function createNetwork() {
  const seen: { request: string; key: string | null; token: string | null }[] = []
  const fates: { request: string; fate: Fate }[] = []
  const cookies = new Map<string, string>()

  function keepCookies({ headers }: Response): void {
    for (const cookie of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
  }

  return {
    cookies,

    /**
     * For `createLatchkey`. A browser is what adds cookies and its origin, so this does where asked
     * to.
     */
    async fetch(request: Request): Promise<Response> {
      const name = `${request.method} ${new URL(request.url).pathname}`
      const { headers } = request
      seen.push({
        request: name,
        key: headers.get('idempotency-key'),
        token: headers.get('authorization'),
      })
      if (request.credentials === 'include') {
        headers.set('origin', ORIGIN)
        headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '))
      }
      const next = fates.findIndex((one) => one.request === name)
      const [found] = next < 0 ? [] : fates.splice(next, 1)
      const response = await (found ? found.fate(request, () => fetch(request)) : fetch(request))
      keepCookies(response)
      return response
    },

    /** Does this to the next requests of the name that have not been promised another fate. */
    befall(request: string, ...next: Fate[]): void {
      fates.push(...next.map((fate) => ({ request, fate })))
    },

    /** What was sent under this name, in order. */
    sent: (name: string) => seen.filter(({ request }) => request === name),
  }
}

export type Network = ReturnType<typeof createNetwork>

/** A client with a network and a clock of its own; `events` are those that it told of. */
export function clientOf(baseUrl: string, options: Partial<LatchkeyOptions> = {}) {
  const network = createNetwork()
  let passed = 0
  const latchkey = createLatchkey({
    baseUrl,
    fetch: network.fetch,
    now: () => passed,
    ...options,
  })
  const events: string[] = []
  latchkey.on('signedIn', ({ username }) => events.push(`signedIn ${username}`))
  latchkey.on('refreshed', ({ username }) => events.push(`refreshed ${username}`))
  latchkey.on('signedOut', (problem) => events.push(`signedOut ${problem?.code ?? 'by itself'}`))
  const pass = (seconds: number) => {
    passed += seconds * 1000
  }
  return { latchkey, network, events, pass }
}

/** A server that listens, and its address. */
export async function listeningServer(
  t: TestContext,
  { port = 0, ...options }: Parameters<typeof startServer>[1] & { port?: number } = {},
): Promise<TestServer & { baseUrl: string }> {
  const server = await startServer(t, options)
  await server.app.listen({ host: '127.0.0.1', port })
  return { ...server, baseUrl: listeningAddress(server.app).replace('localhost', '127.0.0.1') }
}
