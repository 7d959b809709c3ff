import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type DatabaseProxy = {
  /** The database by way of the proxy. */
  url: string
  /** Ends every connection and refuses new ones, as a machine does whose server has stopped. */
  cut: () => Promise<void>
  /**
   * Keeps connections and lets nothing through, as a machine does that is frozen or unreachable.
   */
  freeze: () => void
  /**
   * Leads new connections to another database server and keeps the old ones, as a change of the
   * name of a host does.
   */
  leadTo: (databaseUrl: string) => void
  /** Lets everything through again. */
  heal: () => Promise<void>
}

/** Stands between a server and its database until it is cut. */
export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  let target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isFrozen = false
  const listener = createServer((client) => {
    const upstream = connect(Number(target.port || 3306), target.hostname)
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        peer.destroy()
      })
      socket.on('data', (chunk) => peer.write(chunk))
      if (isFrozen) socket.pause()
    }
  })
  await listen(0)
  const { port } = listener.address() as AddressInfo
  const close = async () => {
    const closed = listener.listening ? once(listener, 'close') : undefined
    listener.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  async function listen(wanted: number): Promise<void> {
    listener.listen(wanted, '127.0.0.1')
    await once(listener, 'listening')
  }
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return {
    url: url.href,
    cut: close,
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    leadTo(other) {
      target = new URL(other)
    },
    async heal() {
      isFrozen = false
      for (const socket of sockets) socket.resume()
      if (!listener.listening) await listen(port)
    },
  }
}
