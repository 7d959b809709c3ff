import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail as a relay got it. */
export type Taken = { from: string; to: string[]; raw: string; mail: ParsedMail }

type Answer = Error | undefined
type Options = SMTPServerOptions & {
  /** What the relay answers to a recipient, or to a message; nothing means that it takes it. */
  atRecipient?: (address: string) => Answer
  atEnd?: (mail: Taken) => Answer | Promise<Answer>
}

/** An SMTP reply that is an error. */
export function smtpError(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}

/** A mail relay of the test's own. */
export async function startRelay(t: TestContext, { atRecipient, atEnd, ...options }: Options = {}) {
  const taken: Taken[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: ({ address }, _session, done) => done(atRecipient?.(address)),
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks)
        const mail = await simpleParser(raw)
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        const got = { from, to, raw: raw.toString(), mail }
        const refusal = await atEnd?.(got)
        if (refusal === undefined) taken.push(got)
        done(refusal ?? null)
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  t.after(() => new Promise<void>((resolve) => server.close(resolve)))
  return { taken, port, url: `smtp://127.0.0.1:${port}` }
}

/** Something that listens and is no relay. @param speak what it does with a connection */
export async function startListener(t: TestContext, speak: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    speak(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `smtp://127.0.0.1:${port}`, connections: () => sockets.size }
}
