import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Overloaded } from '../../platform/errors/table.ts'
import { PIPELINE_LIMIT } from '../limits.ts'

/**
 * Bounds the concurrent requests of a connection: Node starts all in its 64 KiB buffer, up to
 * 1,400. The one over the limit gets a 503 and ends the connection; later ones get no response.
 * @returns whether a request gets one @throws Overloaded
 */
export function createPipelining() {
  const queued = new WeakMap<Socket, number>()
  const add = (socket: Socket, change: number) => {
    const count = (queued.get(socket) ?? 0) + change
    queued.set(socket, count)
    return count
  }

  function queue({ raw: { socket } }: FastifyRequest, reply: FastifyReply): boolean {
    const count = add(socket, 1)
    if (count > PIPELINE_LIMIT) {
      reply.hijack()
      return false
    }
    reply.raw.once('finish', () => void add(socket, -1))
    if (count < PIPELINE_LIMIT) return true
    throw Overloaded({
      detail: ({ details }) => details.pipelined(PIPELINE_LIMIT),
      headers: { connection: 'close' },
    })
  }

  // A response has its socket once those before it are sent: here, nearly every one at once.
  return (request: FastifyRequest, reply: FastifyReply): boolean =>
    reply.raw.socket !== null || queue(request, reply)
}
