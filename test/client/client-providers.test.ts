// The client signs in with an outside provider: its own secret, lost answers, links of others.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { finishSignIn, providers, signInUrl } from '../../client/src/providers.ts'
import { memoryStorage } from '../../client/src/storage.ts'
import { answerLost, gateway } from '../support/network.ts'
import { ADA, clientScene, codeOf } from '../support/provider-clients.ts'
import { RETURN_TO } from '../support/providers.ts'

const ANSWER = 'POST /challenges/answer'
const FOUR = [answerLost, answerLost, answerLost, answerLost]

describe('The client with an outside provider', () => {
  for (const transport of ['body', 'cookie'] as const) {
    test(`The client signs in with a provider, and forgets its secret (${transport})`, async (t) => {
      const { client, back, kept } = await clientScene(t, { one: ADA }, { transport })
      const { latchkey, events } = client

      const finished = await finishSignIn(latchkey, await back('one'))
      const again = await finishSignIn(latchkey, { storage: kept.storage })

      assert.equal(finished?.user?.username, 'ada')
      assert.equal(again, undefined)
      assert.deepEqual([events, kept.items()], [['signedIn ada'], []])
      assert.equal((await latchkey.api.GET('/me')).data?.email, ADA.email)
      assert.deepEqual(await providers(latchkey), [{ id: 'real', name: 'real' }])
    })

    test(`An answer that is lost, and lost again, opens one session (${transport})`, async (t) => {
      const { server, client, back, kept } = await clientScene(t, { one: ADA }, { transport })
      const { latchkey, network } = client
      const came = await back('one')
      network.befall(ANSWER, answerLost, ...FOUR)

      await assert.rejects(finishSignIn(latchkey, came), TypeError)
      // As after a reload, when the address has no fragment any more.
      const finished = await finishSignIn(latchkey, { ...came, url: RETURN_TO })

      assert.equal(finished?.user?.username, 'ada')
      const sent = network.sent(ANSWER)
      assert.equal(sent.length, 6)
      assert.equal(new Set(sent.map(({ key }) => key)).size, 1)
      assert.equal(await server.database.client.session.count(), 1)
      assert.deepEqual(kept.items(), [])
    })
  }

  test('A page that was answered, and reloaded before it knew, does not end its own session', async (t) => {
    const { client, back, kept } = await clientScene(t, { one: ADA })
    const came = await back('one')
    let before: [string, string][] = []
    client.latchkey.on('signedIn', () => {
      before = kept.entries()
    })
    await finishSignIn(client.latchkey, came)
    for (const [name, value] of before) await kept.storage.setItem(name, value)

    const again = await finishSignIn(client.latchkey, { ...came, url: RETURN_TO })
    client.pass(10_000)

    assert.equal(before.length, 1)
    assert.equal(again?.user?.username, 'ada')
    assert.equal(client.network.sent('POST /logout').length, 0)
    assert.equal((await client.latchkey.api.GET('/me')).response.status, 200)
  })

  test('Two calls at once, as React makes them in development, send one answer', async (t) => {
    const { client, back } = await clientScene(t, { one: ADA })
    const came = await back('one')

    const both = await Promise.all([
      finishSignIn(client.latchkey, came),
      finishSignIn(client.latchkey, { ...came, url: RETURN_TO }),
    ])

    assert.deepEqual(
      both.map((one) => one?.user?.username),
      ['ada', 'ada'],
    )
    assert.equal(client.network.sent(ANSWER).length, 1)
  })

  test('A link of somebody else signs nobody in, whether or not this browser has begun', async (t) => {
    const victim = await clientScene(t, { one: ADA })
    const { latchkey, network } = victim.client
    const attack = await victim.back('one', memoryStorage())

    const idle = await codeOf(finishSignIn(latchkey, { ...attack, storage: victim.kept.storage }))
    const sentIdle = network.sent(ANSWER).length
    await signInUrl(latchkey, 'real', { returnTo: RETURN_TO, storage: victim.kept.storage })
    const busy = await codeOf(finishSignIn(latchkey, { ...attack, storage: victim.kept.storage }))

    assert.deepEqual([idle, sentIdle, busy], ['not_begun_here', 0, 'not_begun_here'])
    assert.equal(latchkey.user, null)
    assert.deepEqual(victim.kept.items(), [])
    assert.equal(await victim.server.database.client.session.count(), 0)
  })

  test('Two tabs that begin at once each end with their own secret', async (t) => {
    const { client, back, kept } = await clientScene(t, {
      one: ADA,
      two: { ...ADA, email: 'bob@example.com', preferred_username: 'bob' },
    })
    const other = memoryStorage()
    const [ada, bob] = [await back('one'), await back('two', other)]

    const second = await finishSignIn(client.latchkey, bob)
    const first = await finishSignIn(client.latchkey, ada)

    assert.deepEqual([first?.user?.username, second?.user?.username], ['ada', 'bob'])
    assert.deepEqual(kept.items(), [])
  })

  test('Links of mails and other fragments are left to those whom they are for', async (t) => {
    const { client, kept } = await clientScene(t, { one: ADA })
    const { latchkey } = client
    await signInUrl(latchkey, 'real', { returnTo: RETURN_TO, storage: kept.storage })

    for (const end of ['', '#', '#/route', '#purpose=verify_email&challenge=ab&code=12345678']) {
      const url = `${RETURN_TO}${end}`
      assert.equal(await finishSignIn(latchkey, { url, storage: kept.storage }), undefined)
    }

    assert.equal(kept.items().length, 1)
    assert.equal(client.network.sent(ANSWER).length, 0)
  })

  test('A refusal at the provider has its code, once, and nothing stays', async (t) => {
    const { client, provider, server, kept, comesTo } = await clientScene(t, { one: ADA })
    const { latchkey } = client
    const { storage } = kept
    const url = new URL(await signInUrl(latchkey, 'real', { returnTo: RETURN_TO, storage }))
    const refusal = { url: await comesTo(await provider.refuse(url)), storage }

    assert.equal(await codeOf(finishSignIn(latchkey, refusal)), 'access_denied')
    assert.equal(await finishSignIn(latchkey, refusal), undefined)
    assert.deepEqual(kept.items(), [])
    assert.equal(await server.database.client.user.count(), 0)
  })

  test('A provider that is away, or that nobody has set up, is said before the browser leaves', async (t) => {
    const { client, kept } = await clientScene(t, { one: ADA })
    const { latchkey, network } = client
    const beginning = { returnTo: RETURN_TO, storage: kept.storage }

    const unknown = await codeOf(signInUrl(latchkey, 'other', beginning))
    const elsewhere = { ...beginning, returnTo: 'https://evil.example/' }
    const foreign = await codeOf(signInUrl(latchkey, 'real', elsewhere))
    network.befall('POST /challenges', gateway(502))
    const away = await codeOf(signInUrl(latchkey, 'real', beginning))

    assert.deepEqual(
      [unknown, foreign, away],
      ['validation_failed', 'validation_failed', 'unknown'],
    )
    assert.deepEqual(kept.items(), [])
  })

  test('A challenge that nobody answered for five minutes is forgotten at the next visit', async (t) => {
    const { client, back, kept } = await clientScene(t, { one: ADA })
    const came = await back('one')
    client.network.befall(ANSWER, gateway(502), gateway(502))
    await codeOf(finishSignIn(client.latchkey, came))
    const [[name = '', text = ''] = []] = kept.entries()
    const old = { ...JSON.parse(text), cameAt: Date.now() - 300_001 }
    await kept.storage.setItem(name, JSON.stringify(old))
    const before = client.network.sent(ANSWER).length

    const finished = await finishSignIn(client.latchkey, { ...came, url: RETURN_TO })

    assert.equal(finished, undefined)
    assert.equal(client.network.sent(ANSWER).length, before)
  })
})
