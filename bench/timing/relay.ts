// A mail relay in a process of its own, so that its work delays nobody who measures.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SMTPServer } from 'smtp-server'

const FILE = fileURLToPath(import.meta.url)

/** @returns its address, and what ends it */
export async function startRelay(): Promise<{ url: string; stop: () => void }> {
  const child = fork(FILE)
  const [port] = await once(child, 'message')
  return { url: `smtp://127.0.0.1:${port}`, stop: () => void child.kill() }
}

if (process.argv[1] === FILE) {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      stream.on('end', done).resume()
    },
  })
  server.on('error', () => undefined)
  const listener = server.listen(0, '127.0.0.1')
  listener.once('listening', () => process.send?.((listener.address() as AddressInfo).port))
  process.once('disconnect', () => process.exit())
}
