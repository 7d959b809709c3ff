import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

/** An answer, or what to do with the connection instead. */
export type Answer = Response | ((response: ServerResponse) => void)
export type Answers = (request: Request) => Answer | Promise<Answer>

/** A server that answers by a function. @returns its origin */
export async function serve(t: TestContext, answers: Answers): Promise<string> {
  const server = createServer(async (incoming, response) => {
    const body = incoming.method === 'POST' ? await buffer(incoming) : null
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ])
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
      body,
    })
    const answer = await answers(request)
    if (typeof answer === 'function') return answer(response)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The same without a network, for issuers of the world outside. */
export function fetchFrom(answers: Answers): typeof fetch {
  return async (input, init) => {
    const answer = await answers(new Request(input, init))
    if (typeof answer === 'function') throw new Error('needs a server')
    return answer
  }
}
