import { METHODS, validateHeaderValue } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, HTTPMethods, onRequestHookHandler } from 'fastify'
import { InvalidToken } from '../../contract/errors.ts'
import { JSON_TYPE } from '../../http/headers/accept.ts'
import { addUncheckedLine } from '../../http/headers/standing.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { AccessClaims } from './claims.ts'
import type { Guard } from './guard.ts'
import { verifyTokenSchema } from './schemas.ts'
import { tokenView } from './token-view.ts'

type Options = { guard: Guard; rateLimits: Pick<RateLimits<'bad_token'>, 'consume'> }

/** Node also reads CONNECT, which is for proxies; HEAD comes with GET. */
const everyMethod = METHODS.filter((method) => !['CONNECT', 'HEAD'].includes(method))

/**
 * Tells gateways who makes a request. Accepts every method and path: Envoy keeps the method and
 * appends the path. Gateways also forward headers of a body that they do not send.
 */
export const verifyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { guard, rateLimits } = options
  for (const method of everyMethod) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  }
  app.addHook('onRequest', closeAfterBody)
  guard.protect(app)
  app.setErrorHandler(countBadToken)
  // Requests with one token share its claims, and so their answer.
  const answers = new WeakMap<AccessClaims, string>()

  function answerFor(user: AccessClaims, reply: FastifyReply): string {
    const known = answers.get(user)
    if (known !== undefined) return known
    validateHeaderValue('x-user-role', user.role)
    const text = reply.serialize(tokenView(user)) as string
    answers.set(user, text)
    return text
  }

  function answer({ user }: FastifyRequest, reply: FastifyReply): void {
    const text = answerFor(user, reply)
    addUncheckedLine(reply, 'x-user-id', user.sub)
    addUncheckedLine(reply, 'x-user-role', user.role)
    reply.header('content-type', JSON_TYPE).send(text)
  }

  /**
   * Counts only bad tokens, after their check, so that genuine ones never wait for them. The error
   * goes to the error handler.
   */
  async function countBadToken(error: unknown, { ip }: FastifyRequest): Promise<never> {
    if (InvalidToken.is(error)) await rateLimits.consume('bad_token', networkOf(ip))
    throw error
  }

  // Responds after the guard and before the body, which some gateways announce but never send.
  // Ignores Accept, which gateways forward from their client. No rate limit: gateways ask for all
  // clients from one address, and a check costs less than a count.
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
  // Browsers do not call /verify: there, a preflight is a request that a gateway forwards.
  const below = { ...shared.config, answersPreflights: true }
  app.route({ ...hidden, config: below, method: ['GET', ...others], url: '/verify/*' })
}

/** Closes connections with an announced body: otherwise Node would read the next request as it. */
const closeAfterBody: onRequestHookHandler = ({ raw: { headers } }, reply, done) => {
  const length = headers['content-length'] ?? '0'
  if (length !== '0' || headers['transfer-encoding'] !== undefined) {
    reply.header('connection', 'close')
  }
  done()
}
