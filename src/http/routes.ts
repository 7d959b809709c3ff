import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify'
import { ValidationFailed } from '../platform/error-table.ts'
import { defaultProduces, negotiate } from './accept.ts'
import { requireReadableQuery } from './request-head.ts'
import { PROBLEM_MEDIA_TYPE, type ProblemResponse } from './schemas.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may be missing; the handler then sees `{}`. */
    optionalBody?: boolean
    /** The problems of the route, for the document; filled from its `response` map. */
    problems?: Record<string, ProblemResponse>
  }
}

/** What every route has unless it says otherwise: no body, JSON out. Call before any route. */
export function completeRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    // Routes of libraries (files, preflights) are no part of the API and bring rules of their own.
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

/** Fastify would compile a serializer for each problem of each route, and never use it. */
function separateProblems(route: RouteOptions): void {
  const response = route.schema?.response as Record<string, object> | undefined
  if (response === undefined) return
  const isProblem = ([, entry]: [string, object]) =>
    'content' in entry && PROBLEM_MEDIA_TYPE in Object(entry.content)
  const entries = Object.entries(response)
  const problems = Object.fromEntries(entries.filter(isProblem)) as Record<string, ProblemResponse>
  const rest = Object.fromEntries(entries.filter((entry) => !isProblem(entry)))
  route.schema = { ...route.schema, response: rest }
  route.config = { ...route.config, problems }
}

function acceptOf(produces: readonly string[]): onRequestHookHandler {
  return (request, _reply, done) => {
    negotiate(request, produces)
    done()
  }
}

/** Where a route has no query parameters, a query is passed over: caches and health checks add some. */
const readableQuery: onRequestHookHandler = ({ raw }, _reply, done) => {
  requireReadableQuery(raw.url ?? '')
  done()
}

type BodyRule = Extract<NonNullable<RouteOptions['preValidation']>, readonly unknown[]>[number]

/** A body that nobody reads is refused, since nothing is dropped in silence; `{}` says nothing. */
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

/** Members that the schema marks `readOnly` are passed over, whatever they say. */
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
  const fault = { pointer: '', code: 'not_allowed', detail: 'This request takes no body.' }
  return ValidationFailed({ errors: [fault] })
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
