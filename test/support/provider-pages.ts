import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, untilTrue } from './browser.ts'
import { startServer, type TestServer } from './helper.ts'
import { type Person, startOidcProvider } from './oidc-provider.ts'
import { providerEnv } from './providers.ts'

const PATIENCE = { timeout: 10_000 }

let browser: Browser

/** For `before` and `after` of a file: the browser that its tests share. */
export async function startBrowser(): Promise<void> {
  browser = await openBrowser()
}

export async function stopBrowser(): Promise<void> {
  await browser?.close()
}

/** An application without a build, which does on every load what docs/client.md says. */
const pageOf = (server: string) => `<!doctype html><title>App</title><script type="module">
  import { createLatchkey } from '${server}/client.js'
  import * as providers from '${server}/client/providers.js'
  const storage = transport === 'body' ? localStorage : undefined
  const latchkey = createLatchkey({
    transport,
    ...(storage && { storage }),
    onStepUp: (challenge) => proofFor(challenge),
  })
  const finished = providers.finishSignIn(latchkey)
  const href = location.href
  const outcome = await finished.then(
    (done) => (done ? done.identity?.email ?? done.user.username : 'nothing'),
    (error) => error.code ?? String(error),
  )
  const restored = await latchkey.restore()
  const seen = { outcome, user: restored.user && restored.user.username, href }
  Object.assign(window, { latchkey, providers, seen })
</script>`

/** What a page has seen once it has loaded. */
export type Seen = { outcome: string; user: string | null; href: string }

type Options = { transport?: 'body' | 'cookie'; env?: Record<string, string> }
type Proof = (challenge: { token: string; methods: string[] }) => object | undefined

/**
 * A server, a page on another port of the same site, and a real provider on another site:
 * `localhost` and `127.0.0.1` are two.
 */
export async function pageScene(
  t: TestContext,
  people: Record<string, Person>,
  { transport = 'cookie', env = {} }: Options = {},
) {
  const later: { server?: TestServer } = {}
  const address = await listen(t, (request, response) =>
    later.server?.app.routing(request, response),
  )
  const home = await listen(t, (_request, response) => {
    response.setHeader('content-type', 'text/html').end(pageOf(address))
  })
  const redirectUri = `${address}/oidc/real/callback`
  const provider = await startOidcProvider(t, { redirectUri, people, hasPage: true })
  const settings = { ...providerEnv(provider.issuer), PUBLIC_URL: address, CORS_ORIGINS: home }
  const server = await startServer(t, { env: { ...settings, ...env } })
  await server.app.ready()
  later.server = server

  /** What pages are asked to prove. */
  const asked: { proof: Proof } = { proof: () => undefined }

  /** A browser with a memory of its own. */
  async function openBrowserOf() {
    const context = await browser.newContext({ viewport: { width: 300, height: 200 } })
    t.after(() => context.close())
    await context.addInitScript({ content: `window.transport = '${transport}'` })
    await context.exposeFunction('proofFor', (challenge: Parameters<Proof>[0]) =>
      asked.proof(challenge),
    )
    return {
      context,
      async openTab(url = `${home}/`): Promise<Page> {
        const tab = await context.newPage()
        await tab.goto(url)
        return tab
      },
    }
  }

  return { server, provider, home, address, redirectUri, asked, openBrowserOf }
}

async function listen(t: TestContext, handle: RequestListener): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

/** Waits until the application has started. */
export async function seenBy(tab: Page): Promise<Seen> {
  await untilTrue(tab, 'window.seen', PATIENCE.timeout)
  return (await tab.evaluate('window.seen')) as Seen
}

/** Sends the tab to the provider, which asks who is there. */
export async function leave(tab: Page, code = `providers.signInWith(latchkey, 'real')`) {
  await seenBy(tab)
  await tab.evaluate(code)
  await tab.waitForURL(/\/interaction\//, PATIENCE)
}

/** Chooses at the provider. @returns what the page sees to which the tab comes back */
export async function choose(tab: Page, link: string): Promise<Seen> {
  await tab.getByRole('link', { name: link, exact: true }).click()
  await tab.waitForURL(/^http:\/\/localhost/, PATIENCE)
  return seenBy(tab)
}

/** Runs in the page of the application. */
export const run = <T>(tab: Page, code: string) => tab.evaluate(code) as Promise<T>

/** What the tab keeps between leaving and coming back. */
export const keptBy = (tab: Page) => run<string[]>(tab, 'Object.keys(sessionStorage)')
