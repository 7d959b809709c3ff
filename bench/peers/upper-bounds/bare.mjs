// What no server on Fastify can be faster than: one route, no authentication.
import Fastify from 'fastify'

const string = { type: 'string' }
const properties = {
  sub: string,
  sid: string,
  role: string,
  authTime: string,
  amr: { type: 'array', items: string },
  expiresAt: string,
}
const answer = {
  sub: '01a1f864-6879-7f3e-8a41-6b0c52d9e7f1',
  sid: '01a1f866-0d00-7c90-9f02-1e8a4b6d3c57',
  role: 'user',
  authTime: '2026-11-20T10:00:00.000Z',
  amr: ['pwd'],
  expiresAt: '2026-11-20T10:15:00.000Z',
}

const fastify = Fastify()
fastify.get(
  '/bare',
  { schema: { response: { 200: { type: 'object', properties } } } },
  async () => answer,
)
await fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
