import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { bundledClient } from './client-bundle.ts'
import { PASSWORD } from './factories.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'

const REFRESH_MS = 40

/**
 * How an answer is lost: before the browser has it, or after its head, so that the cookie has
 * arrived.
 */
type Loss = 'whole' | 'body'

let browser: Browser
let client = ''

/** For `before` and `after` of a file: the browser that its tests share. */
export async function startBrowser(): Promise<void> {
  const bundled = await bundledClient('esm')
  client = bundled.code
  browser = await openBrowser()
}

export async function stopBrowser(): Promise<void> {
  await browser?.close()
}

/** The page of an application; what it keeps of the client are globals that tests can name. */
const pageOf = (baseUrl: string) => `<!doctype html><script type="module">
  import { createLatchkey } from '/client.js'
  let passed = 0
  window.pass = (seconds) => { passed += seconds * 1000 }
  window.latchkey = createLatchkey({
    baseUrl: '${baseUrl}',
    transport: 'cookie',
    now: () => performance.now() + passed,
    onStepUp: (challenge) => window.answer?.(challenge),
  })
  window.events = []
  latchkey.on('signedIn', (user) => events.push('signedIn ' + user.username))
  latchkey.on('signedOut', (problem) => events.push('signedOut ' + (problem?.code ?? 'by itself')))
</script>`

async function listen(t: TestContext, handle: RequestListener): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

/** A server, a frontend beside it on another port, and a browser with a memory of its own. */
export async function scene(t: TestContext) {
  const page = { text: '' }
  const frontend = await listen(t, ({ url }, response) => {
    const [type, text] = url === '/' ? ['html', page.text] : ['javascript', client]
    response.setHeader('content-type', `text/${type}`).end(text)
  })
  const refreshes = watchRefreshes()
  const later: { server?: TestServer } = {}
  const baseUrl = await listen(t, (request, response) => {
    if (later.server) refreshes.handle(later.server)(request, response)
  })
  const env = { PUBLIC_URL: baseUrl, CORS_ORIGINS: frontend }
  const server = await startServer(t, { env })
  await server.app.ready()
  later.server = server
  page.text = pageOf(baseUrl)
  const context = await browser.newContext({ viewport: { width: 300, height: 200 } })
  t.after(() => context.close())

  /** A new tab with the application in it. */
  async function openTab(): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(frontend)
    return tab
  }
  return { server, baseUrl, context, openTab, refreshes }
}

type Exchange = { request: IncomingMessage; response: ServerResponse; loss: Loss }

/** The server does what it is asked, and its answer does not arrive, or not whole. */
async function loseAnswer(app: TestServer['app'], { request, response, loss }: Exchange) {
  const { url = '', headers } = request
  const payload = await buffer(request).catch(() => undefined)
  // The page that asked is gone.
  if (payload === undefined) return
  const answer = await app.inject({ method: 'POST', url, headers, payload })
  if (loss === 'body') {
    response.writeHead(answer.statusCode, { ...answer.headers, 'content-length': 10_000 })
    await new Promise<void>((resolve) => void response.write('{', () => resolve()))
  }
  request.socket.destroySoon()
}

/** Counts what is refreshed at once, keeps the keys, and loses answers where asked to. */
function watchRefreshes() {
  const keys: unknown[] = []
  let running = 0
  let most = 0
  let loss: Loss | undefined
  let onLoss = () => {}

  const handle =
    ({ app }: TestServer): RequestListener =>
    async (request, response) => {
      const { method = '', url = '', headers } = request
      if (`${method} ${url}` !== 'POST /refresh') return app.routing(request, response)
      keys.push(headers['idempotency-key'])
      running += 1
      most = Math.max(most, running)
      response.once('close', () => {
        running -= 1
      })
      if (loss === undefined) {
        // Long enough that two which do not wait for each other meet.
        await pause(REFRESH_MS)
        return app.routing(request, response)
      }
      await loseAnswer(app, { request, response, loss })
      onLoss()
    }

  return {
    handle,
    keys,
    most: () => most,
    /**
     * Loses all answers until the function that this returns is called; `lost` is when the first is
     * gone.
     */
    lose(kind: Loss) {
      loss = kind
      const lost = new Promise<void>((resolve) => {
        onLoss = resolve
      })
      const stop = () => {
        loss = undefined
      }
      return { lost, stop }
    },
  }
}

/** Runs in the page; `client` calls are promises, which are awaited. */
export const run = <T>(tab: Page, code: string) => tab.evaluate(code) as Promise<T>

/** Somebody registers in the tab. */
export async function register(tab: Page): Promise<string> {
  const username = uniqueName()
  const person = { username, email: `${username}@example.com`, password: PASSWORD }
  await run(tab, `latchkey.register(${JSON.stringify(person)})`)
  return username
}

export const RESTORE = 'latchkey.restore().then(({ user }) => user && user.username)'
export const ME = `latchkey.api.GET('/me').then(({ data, error }) => data ? data.username : error.code)`
