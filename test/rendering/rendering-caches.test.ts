// runs once
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Visit } from '../../client/src/server/index.ts'
import { ORIGIN } from '../support/factories.ts'
import { unreachable } from '../support/network.ts'
import { EXPIRY_SECONDS, shownTo, signedUpScene } from '../support/rendering.ts'

describe('Caches and paths', () => {
  const CACHED = { 'cache-control': 'public, max-age=60' }

  test('An answer to a signed-in visitor stays out of caches, unless the page says otherwise', async (t) => {
    const { browser, browserAt, clock } = await signedUpScene(t)
    const page =
      (headers = {}) =>
      async () =>
        new Response('', { headers })
    const cacheControl = async (who: typeof browser, headers = {}) =>
      (await who.open(page(headers))).headers.get('cache-control')

    const signedIn = await cacheControl(browser)
    const chosen = await cacheControl(browser, CACHED)
    clock.advance(EXPIRY_SECONDS)
    const refreshed = await cacheControl(browser, CACHED)
    const stranger = [await cacheControl(browserAt()), await cacheControl(browserAt(), CACHED)]

    assert.deepEqual(
      [signedIn, chosen, refreshed, ...stranger],
      ['private, no-store', 'public, max-age=60', 'private, no-store', null, 'public, max-age=60'],
    )
  })

  test('Cookies reach answers whose headers cannot be changed', async (t) => {
    const { browser, clock } = await signedUpScene(t)
    for (const page of [
      async () => Response.redirect(ORIGIN, 303),
      async (visit: Visit) => visit.fetch('/me'),
      async () => new Response(null, { status: 204 }),
    ]) {
      clock.advance(EXPIRY_SECONDS)
      const { status, headers } = await browser.open(page)
      assert.ok([200, 204, 303].includes(status))
      assert.match(headers.getSetCookie().join(), /session-access=/)
    }
  })

  test('A call that Latchkey does not answer is answered 503, and an aborted one throws', async (t) => {
    const { browser, network, username } = await signedUpScene(t)
    network.befall('GET /me', unreachable)
    const aborted = async (visit: Visit) => {
      await assert.rejects(visit.fetch('/me', { signal: AbortSignal.abort() }), {
        name: 'AbortError',
      })
      return Response.json({})
    }

    const away = await browser.show()
    await browser.open(aborted)

    assert.deepEqual(away, { status: 503, code: 'unavailable', state: 'signedIn' })
    assert.deepEqual(await browser.show(), shownTo(username))
  })

  test('A call goes to Latchkey alone and keeps its own Authorization header', async (t) => {
    const { browser, requests } = await signedUpScene(t)
    const calls = async (visit: Visit) => {
      await assert.rejects(visit.fetch('https://example.com/'), TypeError)
      await assert.rejects(visit.fetch('@example.com/'), TypeError)
      return visit.fetch('/me', { headers: { authorization: 'Bearer other' } })
    }

    const { status, headers } = await browser.open(calls)

    assert.equal(status, 401)
    assert.equal(requests.at(-1)?.headers.get('authorization'), 'Bearer other')
    assert.deepEqual(headers.getSetCookie(), [])
  })
})
