import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify'
import { ValidationFailed } from '../platform/error-table.ts'
import { defaultProduces, negotiate } from './accept.ts'
import { NoQuery, PROBLEM_MEDIA_TYPE, type ProblemResponse } from './schemas.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may be missing; the handler then sees `{}`. */
    optionalBody?: boolean
    /** The problems of the route, for the document; filled from its `response` map. */
    problems?: Record<string, ProblemResponse>
  }
}

/** What every route has unless it says otherwise: no query, no body, JSON out. Call before any route. */
export function completeRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    // Routes of libraries (files, preflights) are no part of the API and bring rules of their own.
    if ((route.schema as { hide?: boolean } | undefined)?.hide === true) return
    separateProblems(route)
    route.schema = { querystring: NoQuery, ...route.schema }
    const produces = route.config?.produces ?? defaultProduces
    const lenient = route.config?.optionalBody === true ? [ignoreEmptyForm] : []
    const negotiating = produces.length === 0 ? [] : [acceptOf(produces)]
    route.onRequest = [...negotiating, ...lenient, ...hooks(route.onRequest)]
    route.preValidation = [...bodyRules(route), ...hooks(route.preValidation)]
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

/** axios names a type for a body that it does not send. */
const ignoreEmptyForm: onRequestHookHandler = ({ headers }, _reply, done) => {
  const {
    'content-length': length = '0',
    'transfer-encoding': coding,
    'content-type': type,
  } = headers
  const isForm = type?.startsWith('application/x-www-form-urlencoded')
  if (isForm && length === '0' && coding === undefined) delete headers['content-type']
  done()
}

type BodyRule = NonNullable<RouteOptions['preValidation']>

/** A body that nobody reads is refused, since nothing is dropped in silence; `{}` says nothing. */
function bodyRules(route: RouteOptions): Extract<BodyRule, readonly unknown[]>[number][] {
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

function unwanted(): Error {
  const fault = { pointer: '', code: 'not_allowed', detail: 'This request takes no body.' }
  return ValidationFailed({ errors: [fault] })
}

function isNothing(body: unknown): boolean {
  if (body === undefined) return true
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  return isObject && Object.keys(body).length === 0
}

function hooks<T>(hook: T | readonly T[] | undefined): T[] {
  if (hook === undefined) return []
  return Array.isArray(hook) ? [...hook] : [hook as T]
}
