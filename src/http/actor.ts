import type { FastifyRequest } from 'fastify'
import type { Actor } from '../platform/actor.ts'

/** The actor of a request behind the guard, by its access token. */
export function actorOf({ user }: FastifyRequest): Actor {
  return { userId: user.sub, isAdmin: user.role === 'admin' }
}
