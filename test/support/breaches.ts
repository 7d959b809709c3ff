import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What a list of breached passwords has, and what it knows a password by. */
export const BREACHED = 'an old song about the sea'
export const hashOf = (password: string) =>
  createHash('sha1').update(password).digest('hex').toUpperCase()

/** A line of an answer, as the range API writes it. */
export const lineOf = (password: string, count = 7) => `${hashOf(password).slice(5)}:${count}`
const PADDING = `${'0'.repeat(34)}1:0`

export type Answering = (
  response: ServerResponse,
  request: IncomingMessage,
) => unknown | Promise<unknown>

/** Answers every range with some entries, one of them padding. */
export const withLines =
  (...lines: string[]): Answering =>
  (response) =>
    response.end([PADDING, ...lines, `${'F'.repeat(35)}:2`].join('\r\n'))

/** A range API of the test's own. `answering` may be changed at any time. */
export async function startRanges(t: TestContext, answering: Answering = withLines()) {
  const asked: { url: string; padding: unknown }[] = []
  const ranges = { asked, answering, address: '', most: 0 }
  let open = 0
  const server = createServer(async (request, response) => {
    asked.push({ url: request.url ?? '', padding: request.headers['add-padding'] })
    open += 1
    ranges.most = Math.max(ranges.most, open)
    response.on('close', () => {
      open -= 1
    })
    await ranges.answering(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  ranges.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return ranges
}
