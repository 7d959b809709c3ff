import type { FastifyCorsOptions } from '@fastify/cors'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What a script may read of an answer, beside its body and the headers that every script may read. */
const EXPOSED = [
  'etag',
  'link',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-request-id',
]

/** Exact origins, with cookies; what a script may send and read is listed. */
export function corsOptions(frontends: readonly string[]): FastifyCorsOptions {
  return {
    origin: [...frontends],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-match',
      'if-none-match',
    ],
    exposedHeaders: EXPOSED,
    maxAge: 600,
  }
}

/** Lets a frontend read a refusal that comes before the CORS plugin, with what the plugin would set. */
export function showToFrontend(
  { headers: { origin } }: FastifyRequest,
  reply: FastifyReply,
  frontends: readonly string[],
): FastifyReply {
  if (origin === undefined || !frontends.includes(origin)) return reply
  return reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': EXPOSED.join(', '),
  })
}
