import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { nameVersions } from '../../http/headers/conditional.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'
import { accessRoutes } from './access-routes.ts'
import type { Administration } from './administration.ts'
import type { Events } from './events.ts'
import { createAdminGuard } from './guard.ts'
import { eventsSchema, summarySchema } from './report-schemas.ts'
import type { Summary } from './summary.ts'
import { userRoutes } from './user-routes.ts'

type Options = {
  administration: Administration
  events: Events
  summary: Summary
  guard: Guard
  stepUp: StepUp
}

/** Everything below `/admin/`: one guard for all of it. */
export const administrationRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { administration, events, summary, guard, stepUp } = options
  createAdminGuard(guard, stepUp).protect(app)
  nameVersions(app)
  await app.register(userRoutes, { administration })
  await app.register(accessRoutes, { administration })

  app.get('/admin/events', { schema: eventsSchema }, ({ query }) => events.list(query))

  app.get('/admin/summary', { schema: summarySchema }, () => summary.read())
}
