// runs once
// What `restore()` finds, and what is left after `signOut({ local: true })`.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryStorage } from '../../client/src/storage.ts'
import { newcomer, signedUpClient, wait } from '../support/clients.ts'
import {
  clientOf,
  createNetwork,
  gateway,
  listeningServer,
  unreachable,
} from '../support/network.ts'

const never = [unreachable, unreachable, unreachable, unreachable]
const refusal = { code: 'csrf_rejected', action: 'fix_request', status: 403 }

/** What happens to the refresh of a page that has just been loaded, and what the page is told. */
const FOUND = {
  'the session': { fates: [], outcome: 'signedIn', error: undefined },
  'no server': { fates: never, outcome: 'noServer', error: 'TypeError' },
  'a server that is too busy': {
    fates: [gateway(503, { 'retry-after': '60' })],
    ...{ outcome: 'refused', error: 'LatchkeyError' },
  },
  'a proxy in its place': {
    fates: [gateway(502)],
    ...{ outcome: 'refused', error: 'LatchkeyError' },
  },
  'a server that refuses its origin': {
    fates: [async () => Response.json(refusal, { status: 403 })],
    ...{ outcome: 'refused', error: 'LatchkeyError' },
  },
} as const

describe('restore()', { concurrency: 5 }, () => {
  for (const [name, { fates, outcome, error }] of Object.entries(FOUND)) {
    test(`restore() tells that it found ${name}, and the next one finds the session`, async (t) => {
      const { baseUrl } = await listeningServer(t)
      const network = createNetwork()
      const { fetch } = network
      const shared = { transport: 'cookie', fetch, storage: memoryStorage() } as const
      const user = await clientOf(baseUrl, shared).latchkey.register(newcomer())
      network.befall('POST /refresh', ...fates)
      const { latchkey, events } = clientOf(baseUrl, shared)

      const found = await latchkey.restore()
      const { name: failure } = (found.error ?? {}) as { name?: string }
      const later = await latchkey.restore()

      assert.deepEqual([found.outcome, failure], [outcome, error])
      assert.deepEqual(found.user, outcome === 'signedIn' ? user : null)
      assert.deepEqual(later, { outcome: 'signedIn', user })
      assert.deepEqual(events, [`signedIn ${user.username}`])
    })
  }

  for (const transport of ['body', 'cookie'] as const) {
    test(`restore() in ${transport} transport asks nothing where nobody has signed in before`, async (t) => {
      const { baseUrl } = await listeningServer(t)
      const { latchkey, network } = clientOf(baseUrl, { transport, storage: memoryStorage() })

      const found = await latchkey.restore()
      await latchkey.accessToken()

      assert.deepEqual(found, { outcome: 'noSession', user: null })
      assert.deepEqual(network.sent('POST /refresh'), [])
    })

    test(`signOut({ local: true }) in ${transport} transport needs no network, not even during a refresh`, async (t) => {
      const world = await signedUpClient(t, { transport, storage: memoryStorage() })
      const { latchkey, network, events } = world
      let leave = () => Promise.resolve()
      network.befall('POST /refresh', async (_request, deliver) => {
        const response = await deliver()
        await leave()
        return response
      })
      leave = () => latchkey.signOut({ local: true })
      wait(2000, world)

      const { error } = await latchkey.api.GET('/me')
      const found = await latchkey.restore()

      assert.equal(error?.code, 'unauthenticated')
      assert.deepEqual(found, { outcome: 'noSession', user: null })
      assert.deepEqual(network.sent('POST /logout'), [])
      assert.deepEqual(events.slice(1), ['signedOut by itself'])
    })
  }
})
