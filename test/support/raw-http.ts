import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { App } from '../../src/http/app.ts'

export type RawAnswer = {
  statusCode: number
  reason: string
  headers: Record<string, string>
  body: string
}

/** A connection that sends exact bytes and keeps all that it receives. */
export async function rawConnection(t: TestContext, app: App) {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
  })
  // A reset after the answer does not matter here.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return {
    socket,
    say: (text: string | Buffer) => void socket.write(text),
    heard: () => heard,
    /** All the answers on the connection, once the server has closed it. */
    answers: async () => {
      await ended(socket)
      return parse(heard)
    },
  }
}

/** What the server answers to these bytes, on a connection that it closes afterwards. */
export async function exchange(
  t: TestContext,
  app: App,
  text: string | Buffer,
): Promise<RawAnswer> {
  const connection = await rawConnection(t, app)
  connection.say(text)
  const [answer] = await connection.answers()
  if (answer === undefined) throw new Error('The server said nothing')
  return answer
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close')
}

function parse(text: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = text; rest !== ''; ) {
    const [head = '', tail = ''] = split(rest, '\r\n\r\n')
    const [statusLine = '', ...lines] = head.split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const [name = '', value = ''] = split(line, ': ')
        return [name.toLowerCase(), value]
      }),
    )
    const length = Number(headers['content-length'] ?? 0)
    const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(statusLine) ?? []
    answers.push({ statusCode: Number(status), reason, headers, body: tail.slice(0, length) })
    rest = tail.slice(length)
  }
  return answers
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}
