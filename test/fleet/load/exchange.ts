import { Agent, type IncomingMessage, request } from 'node:http'

const TIME_OUT_MS = 20_000

export type Asked = {
  method: string
  path: string
  headers: Record<string, string>
  body?: object | undefined
}

/** What came back; a status of 0 means that the connection was lost. */
export type Answer = {
  status: number
  headers: IncomingMessage['headers']
  body: Record<string, unknown>
  /** Why the connection was lost, or the text of a body that is not JSON. */
  text: string
}

/** Kept connections of one client, from an address of its own on loopback. */
export function openWire(localAddress: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, localAddress })

  function exchange(port: number, { method, path, headers, body }: Asked): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const given = {
      ...headers,
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, method, path, headers: given, agent }
      const lost = (error: Error) =>
        resolve({ status: 0, headers: {}, body: {}, text: error.message })
      const sent = request(options, (incoming) => {
        let read = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk) => (read += chunk))
        incoming.on('error', lost)
        incoming.on('end', () => resolve(answerOf(incoming, read)))
      })
      sent.setTimeout(TIME_OUT_MS, () => sent.destroy(new Error('no answer in 20 s')))
      sent.on('error', lost)
      sent.end(text)
    })
  }

  return { exchange, close: () => agent.destroy() }
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, text: string): Answer {
  return { status: statusCode, headers, body: objectOf(text), text }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return {}
  }
}
