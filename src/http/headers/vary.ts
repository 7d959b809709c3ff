import type { FastifyReply } from 'fastify'

/** Says that the answer also depends on this header of the request (RFC 9110 12.5.5). */
export function addVary(reply: FastifyReply, name: string): void {
  reply.header('vary', [reply.getHeader('vary') ?? [], name].flat().join(', '))
}
