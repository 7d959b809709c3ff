import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** Browsers try both for `localhost`, so a port that anybody has on one of them is taken. */
const LOOPBACK = ['127.0.0.1', '::1'] as const

/**
 * The port, or any free one for 0.
 * @param option names the port in the message @throws Error where somebody listens there
 */
export async function freePort(port: number, option: string): Promise<number> {
  const [first, second] = LOOPBACK
  const found = await tryPort(first, port)
  if (found !== undefined && (await tryPort(second, found)) !== undefined) return found
  if (port === 0) return freePort(0, option)
  throw new Error(
    `Port ${port} is taken by another program. Stop it, or choose another port: npm run example -- ${option} ${port + 1}`,
  )
}

/** @returns undefined where it is taken */
async function tryPort(host: string, port: number): Promise<number | undefined> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    const { port: found } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    return found
  } catch (error) {
    // A machine without IPv6 has nobody there.
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? undefined : port
  }
}
