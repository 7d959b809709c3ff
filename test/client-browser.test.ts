// runs once
// The client in a real browser: its cookies, its tabs and their turns, from a frontend on another origin.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, skipWithoutChromium } from './browser.ts'
import { bundledClient } from './client-bundle.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'
import { PASSWORD, REFRESH_COOKIE } from './people.ts'
import { aPicture } from './pictures.ts'

const REFRESH_MS = 40

/** How an answer is lost: before the browser has it, or after its head, so that the cookie has arrived. */
type Loss = 'whole' | 'body'

let browser: Browser
let client = ''

/** The page of an application; what it keeps of the client are globals that tests can name. */
const pageOf = (baseUrl: string) => `<!doctype html><script type="module">
  import { createLatchkey } from '/client.js'
  let passed = 0
  window.pass = (seconds) => { passed += seconds * 1000 }
  window.latchkey = createLatchkey({
    baseUrl: '${baseUrl}',
    transport: 'cookie',
    now: () => performance.now() + passed,
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
async function scene(t: TestContext) {
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
    /** Loses all answers until the function that this returns is called; `lost` is when the first is gone. */
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
const run = <T>(tab: Page, code: string) => tab.evaluate(code) as Promise<T>

/** Somebody registers in the tab. */
async function register(tab: Page): Promise<string> {
  const username = uniqueName()
  const person = { username, email: `${username}@example.com`, password: PASSWORD }
  await run(tab, `latchkey.register(${JSON.stringify(person)})`)
  return username
}

const RESTORE = 'latchkey.restore().then(({ user }) => user && user.username)'
const ME = `latchkey.api.GET('/me').then(({ data, error }) => data ? data.username : error.code)`

const skip = skipWithoutChromium('the client in a browser')

describe('The client in a browser', { skip }, () => {
  before(async () => {
    const bundled = await bundledClient('esm')
    client = bundled.code
    browser = await openBrowser()
  })
  after(() => browser?.close())

  test('The client in a browser finds the session after a reload, with a token that no script sees', async (t) => {
    const { context, openTab } = await scene(t)
    const tab = await openTab()
    const username = await register(tab)

    await tab.reload()
    const restored = await run(tab, RESTORE)
    const me = await run(tab, ME)

    const seen = await run(
      tab,
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    )
    const cookies = await context.cookies()
    const { httpOnly, secure, sameSite } = cookies.find(({ name }) => name === REFRESH_COOKIE) ?? {}
    assert.equal(restored, username)
    assert.equal(me, username)
    // What is kept says that there is a session, and gives nobody access to it.
    assert.match(
      String(seen),
      /^\[\{"latchkey\.\w+":"\{\\"sessionId\\":\\"[\da-f-]{36}\\"\}"\},\{\},""\]$/,
    )
    assert.deepEqual(
      { httpOnly, secure, sameSite },
      { httpOnly: true, secure: false, sameSite: 'Strict' },
    )
  })

  test('Two tabs whose tokens are over take turns to refresh, and nobody is signed out', async (t) => {
    const { server, openTab, refreshes } = await scene(t)
    const tabs = [await openTab(), await openTab()] as const
    const username = await register(tabs[0])
    await run(tabs[1], RESTORE)

    for (let round = 0; round < 10; round++) {
      server.clock.advance(2000)
      // In every other round the clients know it, too.
      if (round % 2) await Promise.all(tabs.map((tab) => run(tab, 'pass(2000)')))
      const answers = await Promise.all(tabs.map((tab) => run(tab, ME)))

      assert.deepEqual(answers, [username, username], `round ${round}`)
    }

    const events = await Promise.all(tabs.map((tab) => run(tab, 'events')))
    assert.deepEqual(events, [[`signedIn ${username}`], [`signedIn ${username}`]])
    assert.equal(refreshes.keys.length, 21)
    assert.equal(refreshes.most(), 1)
  })

  for (const loss of ['whole', 'body'] as const) {
    test(`The client in a browser is still signed in after a reload during a refresh whose answer was lost (${loss})`, async (t) => {
      const { server, openTab, refreshes } = await scene(t)
      const tab = await openTab()
      const username = await register(tab)
      server.clock.advance(2000)
      const { lost, stop } = refreshes.lose(loss)
      await run(tab, `void latchkey.api.GET('/me').catch(() => {})`)
      await lost
      await tab.reload()
      stop()
      server.clock.advance(3600)

      const restored = await run(tab, RESTORE)

      assert.equal(restored, username)
      assert.ok(refreshes.keys.length >= 2)
      assert.equal(new Set(refreshes.keys).size, 1)
    })
  }

  for (const way of ['', '{ local: true }']) {
    test(`All tabs hear at once that one has signed out with signOut(${way})`, async (t) => {
      const { openTab } = await scene(t)
      const tabs = [await openTab(), await openTab(), await openTab()] as const
      const username = await register(tabs[0])
      await Promise.all(tabs.slice(1).map((tab) => run(tab, RESTORE)))

      await run(tabs[1], `latchkey.signOut(${way})`)
      await Promise.all(tabs.map((tab) => tab.waitForFunction('latchkey.user === null')))

      const events = await Promise.all(tabs.map((tab) => run(tab, 'events')))
      const heard = [`signedIn ${username}`, 'signedOut by itself']
      assert.deepEqual(events, [heard, heard, heard])
    })
  }

  test('All tabs hear at once who has signed in, and who in another place', async (t) => {
    const { openTab } = await scene(t)
    const tabs = [await openTab(), await openTab()] as const
    await run(tabs[1], RESTORE)

    const first = await register(tabs[0])
    await tabs[1].waitForFunction(`latchkey.user?.username === '${first}'`)
    const second = await register(tabs[0])
    await tabs[1].waitForFunction(`latchkey.user?.username === '${second}'`)

    const answers = await Promise.all(tabs.map((tab) => run(tab, ME)))
    const events = await Promise.all(tabs.map((tab) => run(tab, 'events')))
    assert.deepEqual(answers, [second, second])
    assert.deepEqual(
      events,
      tabs.map(() => [`signedIn ${first}`, `signedIn ${second}`]),
    )
  })

  test('All tabs follow a change of the name of their user', async (t) => {
    const { openTab } = await scene(t)
    const tabs = [await openTab(), await openTab()] as const
    await register(tabs[0])
    await run(tabs[1], RESTORE)
    await Promise.all(
      tabs.map((tab) =>
        run(tab, `void latchkey.on('userChanged', ({ name }) => events.push(name))`),
      ),
    )

    await run(tabs[0], `latchkey.api.PATCH('/me', { body: { name: 'Ada' } }).then(() => {})`)
    await tabs[1].waitForFunction(`latchkey.user.name === 'Ada'`)

    for (const tab of tabs) {
      assert.equal(await run(tab, 'latchkey.user.name'), 'Ada')
      assert.equal(await run(tab, 'events.at(-1)'), 'Ada')
    }
  })

  test('A sign-in waits for a refresh of another tab, whose answer then changes nothing', async (t) => {
    const { server, openTab, refreshes } = await scene(t)
    const tabs = [await openTab(), await openTab()] as const
    await register(tabs[0])
    await run(tabs[1], RESTORE)
    server.clock.advance(2000)
    await run(tabs[1], `pass(2000); window.asked = ${ME}`)

    const second = await register(tabs[0])
    await run(tabs[1], 'asked')
    await tabs[1].waitForFunction(`latchkey.user?.username === '${second}'`)

    assert.equal(refreshes.most(), 1)
    assert.deepEqual(await Promise.all(tabs.map((tab) => run(tab, ME))), [second, second])
  })

  test('A page for somebody who never signed in asks nothing, and its console stays empty', async (t) => {
    const { openTab, refreshes } = await scene(t)
    const tab = await openTab()
    const said: string[] = []
    tab.on('console', (message) => said.push(message.text()))

    const found = await run(tab, 'latchkey.restore()')
    await run(tab, 'latchkey.accessToken()')
    const asked = refreshes.keys.length
    await run(tab, 'latchkey.restore({ ask: true })')

    assert.deepEqual(found, { outcome: 'noSession', user: null })
    assert.equal(asked, 0)
    assert.equal(refreshes.keys.length, 1)
    assert.equal(said.length, 1, said.join())
    assert.match(said[0] ?? '', /401/)
  })

  test('A page without a storage asks the server whether there is a session', async (t) => {
    const { context, openTab, refreshes } = await scene(t)
    await context.addInitScript(
      'Object.defineProperty(window, "localStorage", { value: undefined })',
    )
    const tab = await openTab()
    const username = await register(tab)

    await tab.reload()

    assert.equal(await run(tab, RESTORE), username)
    assert.equal(refreshes.keys.length, 1)
  })

  test('The client in a browser stays signed in while it is offline', async (t) => {
    const { server, context, openTab } = await scene(t)
    const tab = await openTab()
    const username = await register(tab)
    server.clock.advance(2000)
    await run(tab, 'pass(2000)')

    await context.setOffline(true)
    const offline = await run(tab, `${ME}.catch((error) => error.name)`)
    await context.setOffline(false)
    const online = await run(tab, ME)

    assert.equal(offline, 'TypeError')
    assert.equal(online, username)
    assert.deepEqual(await run(tab, 'events'), [`signedIn ${username}`])
  })

  test('A file goes up with its progress, also when a refresh comes between, and is shown and freed', async (t) => {
    const { server, openTab } = await scene(t)
    const tab = await openTab()
    await register(tab)
    const picture = (await aPicture('png')).toString('base64')
    const house = JSON.stringify({ projectNo: uniqueName(), projectName: '海景花园' })
    await run(
      tab,
      `latchkey.api.POST('/houses', { body: ${house} }).then(({ data }) => { window.house = data })`,
    )
    server.clock.advance(2000)

    const seen = await run(
      tab,
      `(async () => {
        const bytes = Uint8Array.from(atob('${picture}'), (letter) => letter.charCodeAt(0))
        const file = new File([bytes], '海.png', { type: 'image/png' })
        const steps = []
        const onProgress = (step) => steps.push(step)
        const path = '/houses/' + house.id + '/photos'
        const photo = await latchkey.upload(path, file, { onProgress })
        const text = new File(['no picture'], 'a.png', { type: 'image/png' })
        const { code, name } = await latchkey.upload(path, text, { onProgress }).catch((error) => error)
        const signal = AbortSignal.abort()
        const stopped = await latchkey.upload(path, file, { onProgress, signal }).catch((error) => error)
        const image = new Image()
        image.src = await latchkey.photoUrl(photo)
        await image.decode()
        URL.revokeObjectURL(image.src)
        const freed = await fetch(image.src).catch((error) => error.name)
        const { loaded, total } = steps.at(-1)
        return { width: photo.width, code, name, stopped: stopped.name, shown: image.naturalWidth, freed, whole: loaded === total }
      })()`,
    )

    assert.deepEqual(seen, {
      width: 40,
      ...{ code: 'unsupported_media_type', name: 'LatchkeyError', stopped: 'AbortError' },
      ...{ shown: 40, freed: 'TypeError', whole: true },
    })
  })

  test('A page with no build imports the client from the server itself', async (t) => {
    const { baseUrl, openTab } = await scene(t)
    const tab = await openTab()
    const username = await register(tab)

    const seen = await run(
      tab,
      `(async () => {
        const { createLatchkey, LatchkeyError } = await import('${baseUrl}/client.js')
        const served = createLatchkey({ transport: 'cookie' })
        const { user } = await served.restore({ ask: true })
        const { data } = await served.api.GET('/me')
        return [user.username, data.username, typeof LatchkeyError]
      })()`,
    )

    assert.deepEqual(seen, [username, username, 'function'])
  })

  test('The client in a browser uploads a file, also when a refresh comes between', async (t) => {
    const { server, openTab } = await scene(t)
    const tab = await openTab()
    await register(tab)
    const picture = (await aPicture('png')).toString('base64')
    const house = JSON.stringify({ projectNo: uniqueName(), projectName: '海景花园' })
    await run(
      tab,
      `latchkey.api.POST('/houses', { body: ${house} }).then(({ data }) => { window.house = data })`,
    )
    server.clock.advance(2000)

    const uploaded = await run(
      tab,
      `(async () => {
        const bytes = Uint8Array.from(atob('${picture}'), (letter) => letter.charCodeAt(0))
        const file = new File([bytes], '海.png', { type: 'image/png' })
        const params = { path: { id: house.id } }
        const { data } = await latchkey.api.POST('/houses/{id}/photos', { params, body: { file } })
        const image = await latchkey.fetch(data.url).then((response) => response.blob())
        return { contentType: data.contentType, width: data.width, type: image.type }
      })()`,
    )

    assert.deepEqual(uploaded, { contentType: 'image/png', width: 40, type: 'image/png' })
  })
})
