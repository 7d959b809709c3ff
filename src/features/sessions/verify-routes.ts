import { METHODS } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, HTTPMethods, onRequestHookHandler } from 'fastify'
import type { Guard } from './guard.ts'
import { verifyTokenSchema } from './schemas.ts'
import { type TokenView, tokenView } from './token-view.ts'
import type { AccessClaims } from './tokens.ts'

type Options = { guard: Guard }

/** All that Node reads but CONNECT, which asks a proxy for a tunnel, and HEAD, which goes with GET. */
const everyMethod = METHODS.filter((method) => !['CONNECT', 'HEAD'].includes(method))

/**
 * Tells gateways who makes a request, whatever their client asks for: Envoy keeps its method and appends
 * its path, and all hand on headers that speak of a body elsewhere.
 */
export const verifyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { guard }) => {
  for (const method of everyMethod) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  }
  app.addHook('onRequest', closeAfterBody)
  guard.protect(app)
  // Requests with one token share its claims, and so what is shown of them.
  const views = new WeakMap<AccessClaims, TokenView>()

  function viewOf(user: AccessClaims): TokenView {
    const known = views.get(user)
    if (known) return known
    const view = tokenView(user)
    views.set(user, view)
    return view
  }

  function answer({ user }: FastifyRequest, reply: FastifyReply): void {
    reply.header('x-user-id', user.sub).header('x-user-role', user.role).send(viewOf(user))
  }

  // The hook answers behind that of the guard, and before a body is waited for: some gateways announce
  // one that they never send. Gateways pass on whatever Accept their client sent, for another address
  // than this one. They ask for all their clients from one address, and a genuine token costs less to
  // check than to count.
  const shared = {
    config: { produces: [], unlimited: true },
    onRequest: answer,
    handler: answer,
  }
  const { response } = verifyTokenSchema
  const hidden = { ...shared, schema: { hide: true, response: { 200: response[200] } } }
  const others = everyMethod.filter((method) => method !== 'GET') as HTTPMethods[]

  app.route({ ...shared, method: 'GET', url: '/verify', schema: verifyTokenSchema })
  app.route({ ...hidden, method: others, url: '/verify' })
  // No page asks below: there a preflight is one more request that a gateway asks about.
  const below = { ...shared.config, answersPreflights: true }
  app.route({ ...hidden, config: below, method: ['GET', ...others], url: '/verify/*' })
}

/**
 * A body that was announced may never come, and then the next request of the connection would be taken
 * for it.
 */
const closeAfterBody: onRequestHookHandler = ({ raw: { headers } }, reply, done) => {
  const length = headers['content-length'] ?? '0'
  if (length !== '0' || headers['transfer-encoding'] !== undefined) {
    reply.header('connection', 'close')
  }
  done()
}
