// runs once
// The client in several tabs of a real browser.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipWithoutChromium, untilTrue } from '../support/browser.ts'
import {
  ME,
  RESTORE,
  register,
  run,
  scene,
  startBrowser,
  stopBrowser,
} from '../support/browser-client.ts'
import { PASSWORD } from '../support/factories.ts'

/** Shows what other tabs have stored 300 ms late, as a browser does between its processes. */
const LAGGING_STORAGE = `
  const { getItem, setItem } = Storage.prototype
  const late = {}
  setInterval(() => {
    const seen = Object.keys(localStorage).map((name) => [name, getItem.call(localStorage, name)])
    setTimeout(() => { for (const [name, value] of seen) late[name] = value }, 300)
  }, 10)
  Storage.prototype.setItem = function (name, value) { late[name] = value; setItem.call(this, name, value) }
  Storage.prototype.getItem = function (name) { return late[name] ?? null }
`

const skip = skipWithoutChromium('the client in a browser')

describe('The client in a browser', { skip }, () => {
  before(startBrowser)
  after(stopBrowser)

  test('Two tabs with expired tokens refresh one after the other, and nobody is signed out', async (t) => {
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

  for (const way of ['', '{ local: true }']) {
    test(`All tabs hear at once that one has signed out with signOut(${way})`, async (t) => {
      const { openTab } = await scene(t)
      const tabs = [await openTab(), await openTab(), await openTab()] as const
      const username = await register(tabs[0])
      await Promise.all(tabs.slice(1).map((tab) => run(tab, RESTORE)))

      await run(tabs[1], `latchkey.signOut(${way})`)
      await Promise.all(tabs.map((tab) => untilTrue(tab, 'latchkey.user === null')))

      const events = await Promise.all(tabs.map((tab) => run(tab, 'events')))
      const heard = [`signedIn ${username}`, 'signedOut by itself']
      assert.deepEqual(events, [heard, heard, heard])
    })
  }

  for (const [storage, script] of [
    ['', ''],
    [', though their storage lags behind', LAGGING_STORAGE],
  ] as const) {
    test(`All tabs learn that a user has signed in or has replaced another${storage}`, async (t) => {
      const { openTab, context } = await scene(t)
      await context.addInitScript(script)
      const tabs = [await openTab(), await openTab()] as const
      await run(tabs[1], RESTORE)

      const first = await register(tabs[0])
      await untilTrue(tabs[1], `latchkey.user?.username === '${first}'`)
      const second = await register(tabs[0])
      await untilTrue(tabs[1], `latchkey.user?.username === '${second}'`)

      const answers = await Promise.all(tabs.map((tab) => run(tab, ME)))
      const events = await Promise.all(tabs.map((tab) => run(tab, 'events')))
      assert.deepEqual(answers, [second, second])
      assert.deepEqual(
        events,
        tabs.map(() => [`signedIn ${first}`, `signedIn ${second}`]),
      )
    })
  }

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
    await untilTrue(tabs[1], `latchkey.user.name === 'Ada'`)

    for (const tab of tabs) {
      assert.equal(await run(tab, 'latchkey.user.name'), 'Ada')
      assert.equal(await run(tab, 'events.at(-1)'), 'Ada')
    }
  })

  test('All tabs go with the session that a proof in one of them has renewed', async (t) => {
    const { server, openTab, refreshes } = await scene(t)
    const tabs = [await openTab(), await openTab()] as const
    const username = await register(tabs[0])
    await run(tabs[1], RESTORE)
    server.clock.advance(601)
    await run(
      tabs[0],
      `window.answer = ({ methods: [method] }) =>
        method === 'password' ? { method, password: '${PASSWORD}' } : undefined`,
    )

    // Then only the address is not verified.
    const adding = `latchkey.factors.addTotp().catch(({ challenge }) => challenge.purpose)`
    const asked = await run(tabs[0], adding)
    const answers = await Promise.all(tabs.map((tab) => run(tab, ME)))

    assert.equal(asked, 'verify_email')
    assert.deepEqual(answers, [username, username])
    const events = await Promise.all(tabs.map((tab) => run(tab, 'events')))
    assert.deepEqual(events, [[`signedIn ${username}`], [`signedIn ${username}`]])
    // That of the start, and that of the other tab behind the proof.
    assert.equal(refreshes.keys.length, 2)
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
    await untilTrue(tabs[1], `latchkey.user?.username === '${second}'`)

    assert.equal(refreshes.most(), 1)
    assert.deepEqual(await Promise.all(tabs.map((tab) => run(tab, ME))), [second, second])
  })
})
