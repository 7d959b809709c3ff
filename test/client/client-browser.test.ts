// runs once The client in a real browser, from a frontend on another origin: its cookies, reloads
// and uploads.
import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { skipWithoutChromium } from '../support/browser.ts'
import {
  ME,
  RESTORE,
  register,
  run,
  scene,
  startBrowser,
  stopBrowser,
} from '../support/browser-client.ts'
import { REFRESH_COOKIE } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import { aPicture } from '../support/pictures.ts'

const skip = skipWithoutChromium('the client in a browser')

/**
 * A tab of a user who has a house, which is `house` in the page, and whose access token has
 * expired.
 */
async function tabWithHouse(t: TestContext) {
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
  return { tab, picture }
}

describe('The client in a browser', { skip }, () => {
  before(startBrowser)
  after(stopBrowser)

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

  test('A page sends no request if nobody has signed in, and its console stays empty', async (t) => {
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
    const { tab, picture } = await tabWithHouse(t)

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
    const { tab, picture } = await tabWithHouse(t)

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
