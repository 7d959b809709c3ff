import type { FastifyRequest } from 'fastify'
import type { Actor, Author } from '../platform/actor.ts'
import { deviceOf } from './device.ts'

/** The actor of a request behind the guard, by its access token. */
export function actorOf({ user }: FastifyRequest): Actor {
  return { userId: user.sub, isAdmin: user.role === 'admin' }
}

/** The same for changes that the audit log names the author of. */
export function authorOf(request: FastifyRequest): Author {
  return { actorId: request.user.sub, device: deviceOf(request) }
}
