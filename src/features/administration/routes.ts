import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { nameVersions } from '../../http/headers/conditional.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'
import type { Administration } from './administration.ts'
import type { Events } from './events.ts'
import { createAdminGuard } from './guard.ts'
import { eventsSchema, summarySchema } from './report-schemas.ts'
import type { Summary } from './summary.ts'
import { listUsersSchema, readUserSchema } from './user-schemas.ts'

type Options = {
  administration: Administration
  events: Events
  summary: Summary
  guard: Guard
  stepUp: StepUp
}

/** Everything below `/admin/`. */
export const administrationRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { administration, events, summary, guard, stepUp } = options
  createAdminGuard(guard, stepUp).protect(app)
  nameVersions(app)

  app.get('/admin/users', { schema: listUsersSchema }, ({ query }) => administration.list(query))

  app.get('/admin/users/:id', { schema: readUserSchema }, ({ params }) =>
    administration.show(params.id),
  )

  app.get('/admin/events', { schema: eventsSchema }, ({ query }) => events.list(query))

  app.get('/admin/summary', { schema: summarySchema }, () => summary.read())
}
