import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Overloaded } from '../../platform/errors/table.ts'
import { PIPELINE_LIMIT } from '../limits.ts'

/**
 * Bounds the concurrent requests of a connection: Node starts all in its 64 KiB buffer, up to
 * 1,400. The one over the limit gets a 503 and ends the connection; later ones get no response.
 */
export function limitPipelining(app: FastifyInstance): void {
  const queued = new WeakMap<Socket, number>()
  const add = (socket: Socket, change: number) => {
    const count = (queued.get(socket) ?? 0) + change
    queued.set(socket, count)
    return count
  }

  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // A response has its socket once those before it are sent: here, nearly every one at once.
    if (reply.raw.socket !== null) return done()
    const count = add(socket, 1)
    if (count > PIPELINE_LIMIT) return void reply.hijack()
    reply.raw.once('finish', () => void add(socket, -1))
    if (count < PIPELINE_LIMIT) return done()
    throw Overloaded({
      detail: ({ details }) => details.pipelined(PIPELINE_LIMIT),
      headers: { connection: 'close' },
    })
  })
}
