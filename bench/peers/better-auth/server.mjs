// Better Auth behind Fastify, as its guide for Fastify has it.
import { fromNodeHeaders } from 'better-auth/node'
import Fastify from 'fastify'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { auth } from './auth.mjs'

const { PORT, MODE } = process.env
const issuer = `http://127.0.0.1:${PORT}`

const fastify = Fastify()

fastify.route({
  method: ['GET', 'POST'],
  url: '/api/auth/*',
  async handler(request, reply) {
    const response = await auth.handler(
      new Request(new URL(request.url, `http://${request.headers.host}`), {
        method: request.method,
        headers: fromNodeHeaders(request.headers),
        ...(request.body ? { body: JSON.stringify(request.body) } : {}),
      }),
    )
    reply.status(response.status)
    for (const [name, value] of response.headers) reply.header(name, value)
    return reply.send(response.body ? await response.text() : null)
  },
})

if (MODE === 'jwt') addJwtRoutes()
else addSessionRoutes()
await fastify.listen({ port: Number(PORT), host: '127.0.0.1' })

function addSessionRoutes() {
  fastify.get('/verify', async (request, reply) => {
    const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
    if (!found) return reply.status(401).send({ error: 'no session' })
    const { user, session } = found
    return { sub: user.id, sid: session.id, email: user.email, expiresAt: session.expiresAt }
  })
  fastify.get('/me', async (request, reply) => {
    const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
    return found ? found.user : reply.status(401).send({ error: 'no session' })
  })
}

/** Tokens for services that have no session: made from one, and checked with the public keys. */
function addJwtRoutes() {
  let keySet
  fastify.get('/verify', async (request, reply) => {
    keySet ??= createLocalJWKSet(await auth.api.getJwks())
    try {
      const token = request.headers.authorization?.split(' ')[1] ?? ''
      const { payload } = await jwtVerify(token, keySet, { issuer, audience: issuer })
      return { sub: payload.sub, email: payload.email, name: payload.name, exp: payload.exp }
    } catch {
      return reply.status(401).send({ error: 'no valid token' })
    }
  })
  fastify.post('/register', async ({ body }) =>
    tokensFor((await auth.api.signUpEmail({ body })).token),
  )
  fastify.post('/login', async ({ body }) =>
    tokensFor((await auth.api.signInEmail({ body })).token),
  )
  fastify.post('/refresh', async (request, reply) => {
    const session = request.headers.authorization?.split(' ')[1] ?? ''
    return tokensFor(session).catch(() => reply.status(401).send({ error: 'no session' }))
  })
}

/** The session goes on as it is: its token gets one more JWT. */
async function tokensFor(session) {
  const headers = new Headers({ authorization: `Bearer ${session}` })
  const { token } = await auth.api.getToken({ headers })
  return { accessToken: token, session }
}
