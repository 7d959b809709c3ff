import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'

/**
 * Lets the routes of this scope take `application/x-www-form-urlencoded` too, so that a plain HTML
 * form works. A repeated field arrives as a list, which no schema here takes.
 */
export async function acceptForms(app: FastifyInstance): Promise<void> {
  await app.register(formbody)
}
