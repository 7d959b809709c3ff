// runs once

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeningAddress } from '../../src/server.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { runningClock, startServer } from '../support/helper.ts'
import { aHouse } from '../support/houses.ts'
import { collection, requestsOf, runCollection } from '../support/newman.ts'
import { startNginx } from '../support/nginx.ts'
import { skipWithout } from '../support/walkthrough.ts'

// nginx that compresses makes weak tags of ours, and every client behind it sends those back.

const skip = skipWithout(['nginx'], 'the Postman collection behind a compressing nginx')

test('the Postman collection passes through a compressing nginx', { skip }, async (t) => {
  const server = await startServer(t, { clock: runningClock() })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const backend = listeningAddress(server.app).replace('localhost', '127.0.0.1')
  const port = await freePort()
  await startNginx(
    t,
    port,
    `gzip on;
     gzip_types application/json;
     gzip_min_length 1;
     server {
       listen 127.0.0.1:${port};
       location / { proxy_pass ${backend}; }
     }`,
  )
  const baseUrl = `http://127.0.0.1:${port}`
  const { access_token } = await signedUp(server)
  const headers = bearer(access_token)
  const made = await server.inject({ method: 'POST', url: '/houses', headers, payload: aHouse() })
  const read = await fetch(`${baseUrl}${made.headers.location}`, {
    headers: { ...headers, 'accept-encoding': 'gzip' },
  })

  const { failures, items } = await runCollection({ baseUrl })

  // It does compress, and takes the strength of the tag.
  assert.equal(read.headers.get('content-encoding'), 'gzip')
  assert.equal(read.headers.get('etag'), 'W/"1"')
  assert.deepEqual(failures, [])
  assert.deepEqual(
    items,
    requestsOf(collection).map(({ name }) => name),
  )
})
