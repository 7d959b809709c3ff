// The client of browsers and programs, rehearsed against the troubles of `latchkey/testing`.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createLatchkey, LatchkeyError } from '../../client/src/index.ts'
import type { TestLatchkey } from '../../src/testing/index.ts'
import { type Ends, endAll, endingWith, startKit } from '../support/kit.ts'

describe('@latchkey/client with latchkey/testing', () => {
  let latchkey: TestLatchkey
  const ends: Ends = []
  before(async () => {
    latchkey = await startKit(endingWith(ends))
  })
  after(() => endAll(ends))

  async function signedInClient() {
    const now = () => latchkey.clock.now()
    const client = createLatchkey({ baseUrl: latchkey.url, now })
    const { username, password } = await latchkey.aUser()
    await client.signIn({ username, password })
    return client
  }

  test('the client follows the clock of the server and refreshes in time', async () => {
    const client = await signedInClient()
    await latchkey.clock.advance('16m')

    assert.equal((await client.fetch('/me')).status, 200)
  })

  test('the client survives a lost answer to its refresh', async () => {
    const client = await signedInClient()
    await latchkey.dropNextResponse({ method: 'POST', path: '/refresh' })
    await latchkey.expireAccessTokens()

    assert.equal((await client.fetch('/me')).status, 200)
    await assert.doesNotReject(latchkey.restore())
  })

  test('the client says that everybody was signed out', async () => {
    const client = await signedInClient()
    const ended = new Promise((resolve) => client.on('signedOut', resolve))
    await latchkey.revokeEverything()

    await client.fetch('/me').catch((error) => assert.ok(error instanceof LatchkeyError))
    assert.equal(((await ended) as { code?: string } | undefined)?.code, 'session_ended')
  })
})
