// runs once Six tabs of a browser that refresh within a moment, on a line where requests overtake
// one another.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openBrowser, skipWithoutChromium } from '../support/browser.ts'
import { PASSWORD } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'

const TABS = 6
const ROUNDS = 12
/** Two seconds on a slow line, ten times as quick. */
const SPREAD_MS = 200

/** A server behind a line that holds each request up for a time of its own. */
async function behindSlowLine(t: TestContext): Promise<{ server: TestServer; origin: string }> {
  const later: { server?: TestServer } = {}
  const line = createServer(async (request, response) => {
    if (request.url === '/tab') {
      response.setHeader('content-type', 'text/html').end('<!doctype html>')
      return
    }
    if (request.url === '/refresh') await pause(randomInt(SPREAD_MS))
    later.server?.app.routing(request, response)
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  t.after(() => {
    line.close()
    line.closeAllConnections()
  })
  const origin = `http://localhost:${(line.address() as AddressInfo).port}`
  const server = await startServer(t, { env: { PUBLIC_URL: origin, RATE_LIMITS: 'off' } })
  await server.app.ready()
  later.server = server
  return { server, origin }
}

/** In a page: refreshes as an application without a client of ours does. @returns the status */
async function refreshAfter(ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return (await fetch('/refresh', { method: 'POST' })).status
}

/** In a page. @returns the status */
async function register(account: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ ...account, transport: 'cookie' })
  return (await fetch('/register', { method: 'POST', headers, body })).status
}

test(`six tabs that refresh within a moment are signed in after ${ROUNDS} of ${ROUNDS} rounds`, {
  skip: skipWithoutChromium('the test of six tabs'),
}, async (t) => {
  const { server, origin } = await behindSlowLine(t)
  const browser = await openBrowser()
  t.after(() => browser.close())
  const context = await browser.newContext()
  const tabs = await Promise.all(Array.from({ length: TABS }, () => context.newPage()))
  await Promise.all(tabs.map((tab) => tab.goto(`${origin}/tab`)))
  let signedIn = 0

  for (let round = 0; round < ROUNDS; round++) {
    const [first] = tabs
    const username = `tabs-${round}`
    const account = { username, email: `${username}@example.com`, password: PASSWORD }
    assert.equal(await first?.evaluate(register, account), 201)
    await Promise.all(tabs.map((tab) => tab.evaluate(refreshAfter, randomInt(SPREAD_MS))))
    server.clock.advance(120)
    if ((await first?.evaluate(refreshAfter, 0)) === 200) signedIn += 1
  }

  t.diagnostic(`signed in after ${signedIn} of ${ROUNDS} rounds`)
  assert.equal(signedIn, ROUNDS)
})
