import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify'
import type { ProblemCodes } from '../contract/problem.ts'
import type { Issue } from '../platform/errors/api-error.ts'
import { ValidationFailed } from '../platform/errors/table.ts'
import { defaultProduces, negotiate } from './headers/accept.ts'
import { validateQuery } from './hooks/request-head.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may be missing; the handler then sees `{}`. */
    optionalBody?: boolean
    /** Codes of the route's errors, for the document; filled from its `response` map. */
    problems?: readonly string[]
  }
}

/** Gives every route its defaults: no body in, JSON out. Call before any route. */
export function applyRouteDefaults(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    // Routes of libraries (files, preflights) are not part of the API.
    if ((route.schema as { hide?: boolean } | undefined)?.hide === true) return
    separateProblems(route)
    const produces = route.config?.produces ?? defaultProduces
    const negotiating = produces.length === 0 ? [] : [acceptOf(produces)]
    const querying = route.schema?.querystring === undefined ? [] : [readableQuery]
    route.onRequest = [...querying, ...negotiating, ...hooks(route.onRequest)]
    route.preValidation = [
      ...bodyRules(route),
      ...readOnlyRule(route),
      ...hooks(route.preValidation),
    ]
  })
}

/** Moves what `problems()` put into `response`, where Fastify expects schemas, to the config. */
function separateProblems(route: RouteOptions): void {
  const response = route.schema?.response as Response | undefined
  if (response === undefined) return
  const { problems = { codes: [] }, ...statuses } = response
  route.schema = { ...route.schema, response: statuses }
  route.config = { ...route.config, problems: problems.codes }
}

type Response = { [status: number]: object; problems?: ProblemCodes }

function acceptOf(produces: readonly string[]): onRequestHookHandler {
  return (request, _reply, done) => {
    negotiate(request, produces)
    done()
  }
}

/** Routes without query parameters ignore a query: caches and health checks add some. */
const readableQuery: onRequestHookHandler = ({ raw }, _reply, done) => {
  validateQuery(raw.url ?? '')
  done()
}

type BodyRule = Extract<NonNullable<RouteOptions['preValidation']>, readonly unknown[]>[number]

/** A body that no schema describes is refused, unless it is empty or `{}`. */
function bodyRules(route: RouteOptions): BodyRule[] {
  if (route.method === 'GET' || route.method === 'HEAD') return []
  if (route.config?.optionalBody === true) {
    return [
      (request, _reply, done) => {
        request.body ??= {}
        done()
      },
    ]
  }
  if (route.schema?.body !== undefined) return []
  return [
    (request, _reply, done) => {
      done(isNothing(request.body) ? undefined : unwanted())
    },
  ]
}

/** Ignores members that the schema marks `readOnly`. */
function readOnlyRule({ schema }: RouteOptions): BodyRule[] {
  const { properties = {} } = (schema?.body ?? {}) as { properties?: Record<string, object> }
  const names = Object.entries(properties)
    .filter(([, member]) => 'readOnly' in member && member.readOnly === true)
    .map(([name]) => name)
  if (names.length === 0) return []
  return [
    ({ body }, _reply, done) => {
      if (isObject(body)) for (const name of names) delete body[name]
      done()
    },
  ]
}

function unwanted(): Error {
  const issue: Issue = { pointer: '', code: 'not_allowed', detail: ({ fields }) => fields.noBody }
  return ValidationFailed({ errors: [issue] })
}

function isNothing(body: unknown): boolean {
  return body === undefined || (isObject(body) && Object.keys(body).length === 0)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hooks<T>(hook: T | readonly T[] | undefined): T[] {
  if (hook === undefined) return []
  return Array.isArray(hook) ? [...hook] : [hook as T]
}
