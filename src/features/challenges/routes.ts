import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { refreshCookie } from '../../http/bearer.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { say } from '../../http/headers/accept-language.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { answerSession } from '../../http/session-reply.ts'
import type { Text } from '../../languages/text.ts'
import type { AccessClaims } from '../tokens/claims.ts'
import type { Guard } from '../tokens/guard.ts'
import type { Caller, Purpose, SignedIn } from './purpose.ts'
import { answerSchema, sendSchema } from './schemas.ts'
import type { Challenges } from './service.ts'
import { startSchema } from './start-schema.ts'

type Options = {
  challenges: Challenges
  /** Those that are served. */
  purposes: ReadonlyMap<string, Purpose>
  /** Those that clients may begin, served or not. */
  startable: ReadonlyMap<string, Purpose>
  guard: Pick<Guard, 'requireSignedIn' | 'requireOnceSignedIn'>
  browsers: Browsers
}

export const challengeRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { challenges, purposes, startable, guard, browsers } = options

  app.post('/challenges', { schema: startSchema(startable) }, async (request, reply) => {
    const { purpose, ...fields } = request.body
    if (fields.transport === 'cookie') requireAllowedOrigin(request, browsers)
    const challenge = await challenges.start(purpose, fields, callerOf(request))
    return reply.code(201).send(challenge)
  })

  app.post('/challenges/send', { schema: sendSchema }, async (request, reply) => {
    await challenges.send(request.body.challenge, callerOf(request))
    const message = say(reply, ({ messages }) => messages.codeSentAgain)
    return reply.code(202).send({ message })
  })

  app.post('/challenges/answer', { schema: answerSchema(purposes) }, async (request, reply) => {
    const { newPasswordConfirm: _, ...answer } = request.body
    const key = request.headers['idempotency-key']
    const given = await challenges.answer({ ...answer, key }, callerOf(request))
    reply.code('isNew' in given && given.isNew ? 201 : given.status)
    const { deviceCookie } = given
    if (deviceCookie !== undefined) deviceCookieOf(request, browsers).set(reply, deviceCookie)
    if ('body' in given) return withMessage(reply, given)
    const { issued, message } = given
    return answerSession(reply, issued, message, browsers)
  })

  function callerOf(request: FastifyRequest): Caller {
    return {
      device: deviceOf(request),
      deviceCookie: deviceCookieOf(request, browsers).presented,
      refreshCookie: refreshCookie(request, browsers),
      requireAllowedOrigin: () => requireAllowedOrigin(request, browsers),
      signedIn: async () => signedInBy(await guard.requireSignedIn(request)),
      onceSignedIn: async () => signedInBy(await guard.requireOnceSignedIn(request)),
    }
  }
}

function signedInBy({ sub, sid, auth_time, amr, acr }: AccessClaims): SignedIn {
  return { userId: sub, sessionId: sid, authTime: auth_time, amr, acr }
}

function withMessage(reply: FastifyReply, { body, message }: { body: object; message?: Text }) {
  return message === undefined ? body : { ...body, message: say(reply, message) }
}
