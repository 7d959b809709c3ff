// runs once
// A rendering server's calls stay below the address of Latchkey: what lies beside it gets no token.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServerSessions } from '../../client/src/server/index.ts'

const PATHS = [
  'houses',
  '../houses',
  '/../other-app/collect',
  '/%2e%2e/other-app/collect',
  '/houses/../../other-app/collect',
  '/houses/..\\..\\other-app/collect',
  '/houses/.%2E/%2e./../other-app',
]

test('a path that leads out of the address of Latchkey is refused before anything is sent', async () => {
  const sent: string[] = []
  const sessions = createServerSessions({
    baseUrl: 'https://example.com/auth',
    fetch: async (input) => {
      sent.push(new Request(input).url)
      return Response.json({})
    },
  })
  const visit = await sessions.enter(new Request('https://app.example.com/'))

  for (const path of PATHS) await assert.rejects(visit.fetch(path), TypeError, path)
  await visit.fetch('//other.example/collect')
  await visit.fetch('/houses/a..b?next=/../x')

  assert.deepEqual(sent, [
    'https://example.com/auth//other.example/collect',
    'https://example.com/auth/houses/a..b?next=/../x',
  ])
})
