import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** How often a closing server ends idle connections. */
const SWEEP_INTERVAL = 50
/** How long a connection opened just before the listener closed may stay silent. */
const FIRST_WORD_TIMEOUT = 1000
/** Ticks of the event loop to wait for one without a new connection. */
const MAX_TICKS = 100

export type Draining = ReturnType<typeof createDraining>

/** Once a stop begins, responses say `Connection: close` (RFC 9112 9.6): clients reconnect. */
export function createDraining(stopping: AbortSignal | undefined) {
  const lastOf = new WeakMap<Socket, ServerResponse>()
  let isDraining = false

  /** Only the last of several pipelined requests may end the connection. */
  function end(socket: Socket, response: ServerResponse): void {
    const before = lastOf.get(socket)
    if (before && !before.headersSent) before.shouldKeepAlive = true
    response.shouldKeepAlive = false
    lastOf.set(socket, response)
  }

  function track({ socket }: IncomingMessage, response: ServerResponse): void {
    if (isDraining) end(socket, response)
  }

  /** @param underWay the requests without a response, oldest first */
  function drainOnStop(underWay: () => Iterable<FastifyReply>): void {
    stopping?.addEventListener('abort', () => {
      isDraining = true
      for (const { request, raw } of underWay()) end(request.raw.socket, raw)
    })
  }

  return { track, drainOnStop }
}

/** Accepts pending connections, since closing the listener resets them: waits for an idle tick. */
export async function acceptAll(server: Server): Promise<void> {
  let hasArrived = true
  const note = () => {
    hasArrived = true
  }
  server.on('connection', note)
  for (let tick = 0; hasArrived && tick < MAX_TICKS; tick++) {
    hasArrived = false
    await setImmediate()
  }
  server.off('connection', note)
}

/**
 * Ends the connections of a closing server: each when idle, all after `limitMs`. Node leaves open
 * those that were busy when the listener closed, or never sent anything.
 */
export function endConnections(app: FastifyInstance, limitMs: number): void {
  const { server } = app
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })

  function endSilent(): void {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }

  function endAll(): void {
    if (open.size > 0) app.log.warn({ connections: open.size }, 'running requests were cut off')
    server.closeAllConnections()
  }

  function sweep(elapsedMs: number): void {
    server.closeIdleConnections()
    if (elapsedMs >= FIRST_WORD_TIMEOUT) endSilent()
    if (elapsedMs >= limitMs) endAll()
  }

  app.addHook('preClose', (done) => {
    if (!server.listening) return done()
    const since = performance.now()
    const sweeps = setInterval(() => sweep(performance.now() - since), SWEEP_INTERVAL)
    server.once('close', () => clearInterval(sweeps))
    done()
  })
}
