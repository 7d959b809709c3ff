import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { createServer } from '../../src/http/app.ts'
import { acceptUploads, type Upload } from '../../src/http/body/uploads.ts'
import { formOf } from './pictures.ts'

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

type Wish = {
  before?: () => Promise<unknown>
  store?: () => Promise<unknown>
  timeouts?: { headers?: number; request?: number }
}

const WAITING_PER_USER = 2
/** One arrives, one is decoded, and the others wait. */
export const UPLOADS_PER_USER = WAITING_PER_USER + 2

/**
 * A server with one address for uploads, which answers with the digest of the file, and one for
 * JSON.
 */
export async function uploadServer(t: TestContext, { before, store, timeouts = {} }: Wish = {}) {
  const logs: string[] = []
  const uploads: (Upload | Error)[] = []
  const app = createServer({
    http: { trustProxy: [] },
    log: { level: 'trace', stream: { write: (line) => void logs.push(line) } },
    timeouts,
  })
  await app.register(async (scope) => {
    const receive = await acceptUploads(scope, {
      whoIs: ({ headers }) => headers['x-user']?.toString(),
      waitingPerUser: WAITING_PER_USER,
    })
    scope.post('/files', async (request, reply) => {
      await before?.()
      const stored = receive(request, reply, async (upload) => {
        uploads.push(upload)
        await store?.()
        return { length: upload.bytes.length, digest: digest(upload.bytes) }
      })
      return stored.catch((error) => {
        uploads.push(error)
        throw error
      })
    })
  })
  app.post('/json', { config: { optionalBody: true } }, async ({ body }) => ({ body }))
  t.after(() => app.close())
  const post = (form: Pick<InjectOptions, 'payload' | 'headers' | 'remoteAddress'>) =>
    app.inject({ method: 'POST', url: '/files', ...form })
  return { app, logs, uploads, post }
}

export const file = (content: Buffer | string = 'x') => ({
  name: 'file',
  filename: 'x.png',
  content,
})
export const received = (bytes: Buffer) => ({ length: bytes.length, digest: digest(bytes) })

/** The head of a request over a raw socket. */
export function head(lines: string[], boundary = 'b'): string {
  const type = `Content-Type: multipart/form-data; boundary=${boundary}`
  return ['POST /files HTTP/1.1', 'Host: localhost', type, ...lines, '\r\n'].join('\r\n')
}

export const PART = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'

/** A small upload of a user. */
export function formBy(user: string) {
  const { payload, headers } = formOf([file()])
  return { payload, headers: { ...headers, 'x-user': user } }
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'it never happened')
    await sleep(10)
  }
}
