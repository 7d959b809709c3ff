import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import type { Provider } from '../../config/provider.ts'
import { acceptForms } from '../../http/body/forms.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'
import type { Identities } from './identities.ts'
import type { Returning } from './returning.ts'
import {
  callbackSchema,
  formCallbackSchema,
  listIdentitiesSchema,
  listProvidersSchema,
  removeIdentitySchema,
} from './schemas.ts'

type ProviderOptions = { providers: readonly Provider[]; returning: Returning }

/** No cookie is read or set here: browsers come from other sites. */
export const providerRoutes: FastifyPluginAsyncTypebox<ProviderOptions> = async (app, options) => {
  const { providers, returning } = options
  const list = { items: providers.map(({ id, name }) => ({ id, name })) }

  app.get('/providers', { schema: listProvidersSchema }, async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300')
    return list
  })

  await app.register(callbackRoutes, { returning })
}

type CallbackParameters = Record<string, string | string[]>

const CALLBACK = '/oidc/:provider/callback'
const config = { produces: [] }

const callbackRoutes: FastifyPluginAsyncTypebox<{ returning: Returning }> = async (
  app,
  { returning },
) => {
  // A HEAD of a link checker would use the callback up.
  const options = { schema: callbackSchema, config, exposeHeadRoute: false }
  app.get(CALLBACK, options, async (request, reply) => {
    const query = new URL(request.raw.url ?? '', 'http://localhost').searchParams
    const { provider } = request.params
    return redirect(reply, await returning.comeBack(provider, query, deviceOf(request)))
  })

  await app.register(async (scope: typeof app) => {
    acceptForms(scope)
    scope.post(CALLBACK, { schema: formCallbackSchema, config }, async (request, reply) => {
      const form = parametersOf(request.body as CallbackParameters)
      const { provider } = request.params
      return redirect(reply, await returning.comeBack(provider, form, deviceOf(request)))
    })
  })
}

function parametersOf(form: CallbackParameters): URLSearchParams {
  const pairs = Object.entries(form).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, String(value)]),
  )
  return new URLSearchParams(pairs)
}

function redirect(reply: FastifyReply, location: string): FastifyReply {
  return reply
    .headers({ location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .code(303)
    .send()
}

type IdentityOptions = {
  identities: Identities
  stepUp: Pick<StepUp, 'recently'>
  knownDevices: Pick<KnownDevices, 'remember'>
  guard: Guard
  browsers: Browsers
}

export const identityRoutes: FastifyPluginAsyncTypebox<IdentityOptions> = async (app, options) => {
  const { identities, stepUp, knownDevices, guard, browsers } = options
  guard.protect(app)

  app.get('/identities', { schema: listIdentitiesSchema }, async ({ user }) => ({
    items: await identities.list(user.sub),
  }))

  app.delete(
    '/identities/:id',
    {
      ...{ schema: removeIdentitySchema, config: { produces: [] } },
      preHandler: stepUp.recently,
    },
    async (request, reply) => {
      const { sub: userId, sid: sessionId } = request.user
      const acting = { userId, sessionId, device: deviceOf(request) }
      const user = await identities.remove(acting, request.params.id)
      // The device cookies of before the change are void.
      const cookie = deviceCookieOf(request, browsers)
      cookie.set(reply, knownDevices.remember(cookie.presented, user))
      reply.code(204)
    },
  )
}
