import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { JSON_TYPE } from '../../http/headers/accept.ts'
import { textsFor } from '../../http/headers/accept-language.ts'
import type { Texts } from '../../languages/en/texts.ts'
import type { Clock } from '../../platform/clock.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { AuditRow } from '../audit/reading.ts'
import type { Audit } from '../audit/service.ts'
import type { Exported } from '../feature.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'
import { openExport } from './export.ts'
import { messageOf } from './messages.ts'
import { type ActivityView, exportSchema, listActivitySchema } from './schemas.ts'

const FILE = { 'content-disposition': 'attachment; filename="export.json"' }

type Options = {
  audit: Pick<Audit, 'list'>
  exported: Exported
  stepUp: Pick<StepUp, 'recently'>
  rateLimits: Pick<RateLimits<'export'>, 'consume'>
  guard: Guard
  clock: Clock
}

/** What happened to the account, and everything that is held about its user. */
export const activityRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { audit, exported, stepUp, rateLimits, guard, clock } = options
  guard.protect(app)

  app.get('/me/activity', { schema: listActivitySchema }, async ({ user, query }, reply) => {
    const { items, nextCursor } = await audit.list({ ...query, userId: user.sub })
    const texts = textsFor(reply)
    return { items: items.map((row) => viewOf(row, user.sid, texts)), nextCursor }
  })

  // A stolen access token must not be enough for all of it at once.
  const { recently: preHandler } = stepUp
  const schema = exportSchema(exported, ['account'])
  app.get('/me/export', { schema, preHandler }, async (request, reply) => {
    await rateLimits.consume('export', request.user.sub)
    reply.headers(FILE).type(JSON_TYPE)
    // Fastify would read and discard the whole document.
    if (request.method === 'HEAD') return reply.send('')
    return reply.send(await openExport(exported, request.user.sub, new Date(clock())))
  })
}

/** An address of an administrator does not concern the user. */
function viewOf(row: AuditRow, current: SessionId, texts: Texts): ActivityView {
  const { id, at, type, userId, actorId, sessionId } = row
  const isOfOther = actorId !== null && actorId !== userId
  return {
    ...{ id, at: at.toISOString(), type, message: messageOf(row, texts) },
    ip: isOfOther ? null : row.ip,
    userAgent: isOfOther ? null : row.userAgent,
    sessionId: sessionId as SessionId | null,
    current: sessionId === current,
  }
}
