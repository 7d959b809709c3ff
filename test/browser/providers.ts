// Signs in with an outside provider in a real browser: npm run test:browser (CHROMIUM=<path> names
// another). The provider is on another site than the server and its page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { PASSWORD, REFRESH_COOKIE, signedUp } from '../support/factories.ts'
import { giveApp, shownCode } from '../support/factors.ts'
import { ADA } from '../support/provider-clients.ts'
import {
  choose,
  keptBy,
  leave,
  pageScene,
  run,
  seenBy,
  startBrowser,
  stopBrowser,
} from '../support/provider-pages.ts'
import { begin, comeBack } from '../support/providers.ts'

const BOB = { ...ADA, email: 'bob@example.com', preferred_username: 'bob' }
const PEOPLE = { one: ADA, two: BOB }
/** `restore` finds the session by the cookie, or by what the page keeps. */
const REFRESHED = `latchkey.restore().then(({ outcome }) => outcome)`

before(startBrowser)
after(stopBrowser)

/** The address is clean, for the page as for the person who looks at it. */
function assertClean(tab: Page, href: string, home: string) {
  assert.deepEqual([href, tab.url()], [`${home}/`, `${home}/`])
}

for (const transport of ['cookie', 'body'] as const) {
  for (const mode of ['query', 'form_post']) {
    test(`A page signs in with a provider on another site, and stays signed in (${transport}, ${mode})`, async (t) => {
      const { server, home, openBrowserOf } = await pageScene(t, PEOPLE, { transport })
      const { context, openTab } = await openBrowserOf()
      const tab = await openTab()
      const callbacks: string[] = []
      tab.on('request', (request) => {
        if (request.url().includes('/oidc/')) callbacks.push(request.method())
      })

      await leave(
        tab,
        `providers.signInUrl(latchkey, 'real')
          .then((url) => location.assign(url + '&response_mode=${mode}'))`,
      )
      const { outcome, user, href } = await choose(tab, 'one')
      const kept = await keptBy(tab)
      const cookies = await context.cookies(home)
      await tab.reload()
      const reloaded = await seenBy(tab)

      assert.deepEqual([outcome, user, kept], ['ada', 'ada', []])
      assertClean(tab, href, home)
      assert.deepEqual(callbacks, [mode === 'query' ? 'GET' : 'POST'])
      assert.deepEqual([reloaded.outcome, reloaded.user], ['nothing', 'ada'])
      assert.equal(await run(tab, REFRESHED), 'signedIn')
      assert.equal(await server.database.client.session.count(), 1)
      const cookie = cookies.find(({ name }) => name === REFRESH_COOKIE)
      const expected = transport === 'cookie' ? ['Strict', true] : [undefined, undefined]
      assert.deepEqual([cookie?.sameSite, cookie?.httpOnly], expected)
    })
  }
}

test('Back, forward, and the callback once more neither sign in again nor break the page', async (t) => {
  const { server, home, redirectUri, openBrowserOf } = await pageScene(t, PEOPLE)
  const tab = await (await openBrowserOf()).openTab()
  const callback = tab.waitForRequest((request) => request.url().startsWith(redirectUri))
  await leave(tab)
  await choose(tab, 'one')

  await tab.goBack()
  const atProvider = new URL(tab.url()).hostname
  await tab.goBack()
  const before = await seenBy(tab)
  await tab.goForward()
  await tab.goForward()
  const forth = await seenBy(tab)
  await tab.goto((await callback).url())
  const twice = await seenBy(tab)

  assert.equal(atProvider, '127.0.0.1')
  assert.equal(before.href, `${home}/`)
  assert.equal(forth.user, 'ada')
  assert.deepEqual([twice.outcome, twice.user], ['nothing', 'ada'])
  assertClean(tab, twice.href, home)
  assert.equal(await server.database.client.session.count(), 1)
})

test('Who goes back from the provider can begin again', async (t) => {
  const { server, openBrowserOf } = await pageScene(t, PEOPLE)
  const tab = await (await openBrowserOf()).openTab()

  await leave(tab)
  await tab.goBack()
  const back = await seenBy(tab)
  await leave(tab)
  const done = await choose(tab, 'one')

  assert.deepEqual([back.outcome, back.user], ['nothing', null])
  assert.deepEqual([done.outcome, await keptBy(tab)], ['ada', []])
  assert.equal(await server.database.client.session.count(), 1)
})

test('A refusal at the provider comes back as its code, with a clean address', async (t) => {
  const { server, home, openBrowserOf } = await pageScene(t, PEOPLE)
  const tab = await (await openBrowserOf()).openTab()

  await leave(tab)
  const refused = await choose(tab, 'No')
  await tab.reload()
  const reloaded = await seenBy(tab)

  assert.deepEqual([refused.outcome, refused.user], ['access_denied', null])
  assertClean(tab, refused.href, home)
  assert.equal(reloaded.outcome, 'nothing')
  assert.deepEqual(await keptBy(tab), [])
  assert.equal(await server.database.client.user.count(), 0)
})

test('Two tabs at the provider at once each come back with their own secret', async (t) => {
  const { openBrowserOf } = await pageScene(t, PEOPLE)
  const { openTab } = await openBrowserOf()
  const [first, second] = [await openTab(), await openTab()]
  await leave(first)
  await leave(second)

  const ada = await choose(first, 'one')
  const bob = await choose(second, 'two')

  assert.deepEqual([ada.outcome, bob.outcome], ['ada', 'bob'])
})

test('A link with a challenge of somebody else signs nobody in', async (t) => {
  const { server, provider, home, openBrowserOf } = await pageScene(t, PEOPLE)
  const { url } = await begin(server, { returnTo: `${home}/` })
  const { headers } = await comeBack(server, await provider.signIn(url, 'two'))
  const link = String(headers.location)
  assert.match(link, /#challenge=/)

  const { openTab } = await openBrowserOf()
  const idle = await openTab(link)
  const seen = await seenBy(idle)
  const busy = await openTab()
  await leave(busy)
  await busy.goto(link)
  const alsoSeen = await seenBy(busy)

  assert.deepEqual([seen.outcome, seen.user], ['not_begun_here', null])
  assert.deepEqual([alsoSeen.outcome, alsoSeen.user], ['not_begun_here', null])
  assertClean(idle, seen.href, home)
  assertClean(busy, alsoSeen.href, home)
  assert.equal(await server.database.client.session.count(), 0)
})

test('The second factor is asked for behind the provider, in the same call', async (t) => {
  const { server, asked, openBrowserOf } = await pageScene(t, PEOPLE)
  const person = await signedUp(server, { username: 'lovelace', email: ADA.email })
  const where = { id: person.user.id }
  await server.database.client.user.update({ where, data: { emailVerified: true } })
  const app = await giveApp(server, person)
  const methods: string[][] = []
  asked.proof = (challenge) => {
    methods.push(challenge.methods)
    return { method: 'totp', code: shownCode(server, app) }
  }
  const tab = await (await openBrowserOf()).openTab()

  await leave(tab)
  const { outcome, user } = await choose(tab, 'one')
  await tab.reload()

  assert.deepEqual([outcome, user, methods.length], ['lovelace', 'lovelace', 1])
  assert.ok(methods[0]?.includes('totp'))
  assert.equal((await seenBy(tab)).user, 'lovelace')
})

test('An unverified address is verified by a mailed code, in the same call', async (t) => {
  const { server, asked, openBrowserOf } = await pageScene(t, {
    one: { ...ADA, email_verified: false },
  })
  asked.proof = ({ token }) => ({
    method: 'mail_code',
    code: server.services.challenges.codeOf(token) ?? '',
  })
  const tab = await (await openBrowserOf()).openTab()

  await leave(tab)
  const { outcome, user } = await choose(tab, 'one')

  assert.deepEqual([outcome, user], ['ada', 'ada'])
  const verified = `latchkey.user.email + ' ' + latchkey.user.emailVerified`
  assert.equal(await run(tab, verified), `${ADA.email} true`)
})

for (const transport of ['cookie', 'body'] as const) {
  test(`A provider is linked and unlinked, and the session stays (${transport})`, async (t) => {
    const { server, openBrowserOf } = await pageScene(t, PEOPLE, { transport })
    const tab = await (await openBrowserOf()).openTab()
    await seenBy(tab)
    const person = { username: 'grace', email: 'grace@example.com', password: PASSWORD }
    await run(tab, `latchkey.register(${JSON.stringify(person)})`)
    await server.database.client.user.updateMany({ data: { emailVerified: true } })
    const list = 'providers.identities(latchkey).then((all) => all.map(({ email }) => email))'

    await leave(tab, `providers.link(latchkey, 'real')`)
    const { outcome, user } = await choose(tab, 'two')
    const linked = await run(tab, list)
    await run(
      tab,
      'providers.identities(latchkey).then(([{ id }]) => providers.unlink(latchkey, id))',
    )

    assert.deepEqual([outcome, user], [BOB.email, 'grace'])
    assert.deepEqual([linked, await run(tab, list)], [[BOB.email], []])
    assert.equal(await run(tab, REFRESHED), 'signedIn')
    assert.equal(await server.database.client.session.count(), 1)
  })
}
