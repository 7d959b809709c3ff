// runs once
// The language that a client asks in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newcomer } from '../support/clients.ts'
import { clientOf, listeningServer } from '../support/network.ts'

test('each request of a client asks for the language of that moment', async (t) => {
  const { baseUrl } = await listeningServer(t)
  const { asked, fetch } = listening()
  let language = 'en'
  const { latchkey } = clientOf(baseUrl, { fetch, language: () => language })

  await latchkey.register(newcomer())
  await latchkey.api.GET('/me')
  language = 'zh-CN'
  await latchkey.fetch('/me')
  await latchkey.call('GET /sessions')
  await latchkey.fetch('/me', { headers: { 'accept-language': 'de' } })
  await latchkey.signOut()

  assert.deepEqual(asked, [
    ...['POST /register en', 'GET /me en', 'GET /me zh-CN', 'GET /sessions zh-CN'],
    ...['GET /me de', 'POST /logout zh-CN'],
  ])
})

test('a client without a language, and other servers, get what the platform sends', async (t) => {
  const { baseUrl } = await listeningServer(t)
  const other = await listeningServer(t)
  const { asked, fetch } = listening()

  await clientOf(baseUrl, { fetch }).latchkey.fetch('/livez')
  const { latchkey } = clientOf(baseUrl, { fetch, language: () => 'zh-CN' })
  await latchkey.fetch(`${other.baseUrl}/livez`)

  assert.deepEqual(asked, ['GET /livez null', 'GET /livez null'])
})

/** Delivers requests, and notes which language each one asks for. */
function listening() {
  const asked: string[] = []
  return {
    asked,
    fetch(request: Request): Promise<Response> {
      const language = request.headers.get('accept-language')
      asked.push(`${request.method} ${new URL(request.url).pathname} ${language}`)
      return globalThis.fetch(request)
    },
  }
}
