import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Overloaded } from '../platform/error-table.ts'
import { PIPELINE_LIMIT } from './limits.ts'

/**
 * Bounds how many requests of one connection are under way. Node reads 64 KiB at a time and begins all
 * the requests in it, 1,400 small ones, whether the client takes the answers or not. The one over the
 * limit is 503 and ends the connection; what was sent behind it is dropped without a word.
 */
export function limitPipelines(app: FastifyInstance): void {
  const queued = new WeakMap<Socket, number>()
  const add = (socket: Socket, change: number) => {
    const count = (queued.get(socket) ?? 0) + change
    queued.set(socket, count)
    return count
  }

  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // Node gives an answer its socket when those before it are sent: here, to nearly all at once.
    if (reply.raw.socket !== null) return done()
    const count = add(socket, 1)
    if (count > PIPELINE_LIMIT) return void reply.hijack()
    reply.raw.once('finish', () => void add(socket, -1))
    if (count < PIPELINE_LIMIT) return done()
    throw Overloaded({
      detail: `At most ${PIPELINE_LIMIT} requests of one connection are answered at a time.`,
      headers: { connection: 'close' },
    })
  })
}
