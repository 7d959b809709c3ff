// runs once
// A browser repeats a request by itself when a used connection breaks: the kit must not let it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowser, skipWithoutChromium } from '../support/browser.ts'
import { send, startKit } from '../support/kit.ts'

test('a page notices each lost answer, also on connections that it has used', {
  skip: skipWithoutChromium('lost answers in a browser'),
}, async (t) => {
  const latchkey = await startKit(t)
  const browser = await openBrowser()
  t.after(() => browser.close())
  const ada = await latchkey.signedIn()
  const page = await browser.newPage()
  await page.goto(`${latchkey.url}/mail`)
  const ask = (method: string, path: string, body?: string) =>
    page.evaluate(
      async ([method = '', path = '', body = '', authorization = '']) => {
        const headers = { authorization, 'content-type': 'application/json' }
        const init = { method, headers, ...(body === '' ? {} : { body }) }
        return fetch(path, init).then(
          ({ status }) => status,
          (error) => String(error),
        )
      },
      [method, path, body ?? '', ada.headers.authorization],
    )
  const note = JSON.stringify({ title: 'Milk', body: 'and bread' })

  for (let round = 1; round <= 5; round++) {
    assert.equal(await ask('GET', '/me'), 200)
    await latchkey.dropNextResponse({ method: 'POST', path: '/notes' })
    assert.equal(await ask('GET', '/me'), 200, 'another request is not meant')
    assert.equal(await ask('POST', '/notes', note), 'TypeError: Failed to fetch')
    const { body } = await send(latchkey, 'GET /notes', undefined, ada.headers)
    assert.equal((body.items as object[]).length, round, 'the work was done once')
  }
  await latchkey.dropNextResponse({ path: '/me' })
  assert.equal(await ask('GET', '/me'), 'TypeError: Failed to fetch')
  assert.equal(await ask('GET', '/me'), 200)
})
