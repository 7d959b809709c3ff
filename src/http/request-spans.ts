import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TracingTarget } from '../platform/tracing/tracing.ts'
import { decorateTraceIds } from './trace-ids.ts'

export type RequestTracing = Awaited<ReturnType<typeof openTracing>>

/** Starts tracing, with a span for each request. Loads the packages, which nothing else does. */
export async function openTracing(target: TracingTarget) {
  const { startTracing } = await import('../platform/tracing/tracing.ts')
  const { FastifyOtelInstrumentation } = await import('@fastify/otel')
  const tracing = await startTracing({ target, clean: cleanRequestSpan })
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    requestHook: (span, request) => {
      const { method, protocol, routeOptions, id } = request
      span.updateName(routeOptions.url ? `${method} ${routeOptions.url}` : method)
      span.setAttributes({ 'url.scheme': protocol, 'latchkey.request_id': id })
    },
  })
  instrumentation.setTracerProvider(tracing.provider)

  const idsOf = (request: FastifyRequest) => {
    const { context } = request.opentelemetry()
    return context ? tracing.idsIn(context) : undefined
  }

  /** Call before any hook of requests. */
  function traceRequests(app: FastifyInstance): void {
    // What its option `registerOnInitialization` does, but for this server alone.
    instrumentation.plugin()(app, {}, () => undefined)
    decorateTraceIds(app, idsOf)
    // The body arrives in the context of its connection.
    app.addHook('preValidation', (request, _reply, done) => {
      const { context } = request.opentelemetry()
      if (context) tracing.context.with(context, done)
      else done()
    })
  }

  return { ...tracing, traceRequests }
}

/** The address may hold secrets, messages what was sent, and a refusal is not an error of ours. */
function cleanRequestSpan({ attributes, status }: ReadableSpan): void {
  if (!('fastify.root' in attributes)) return
  delete attributes['fastify.root']
  delete attributes['url.path']
  delete status.message
  const code = Number(attributes['http.response.status_code'])
  if (code >= 500) attributes['error.type'] = String(code)
  else status.code = UNSET
}

/** As `SpanStatusCode.UNSET`, whose package is not loaded yet. */
const UNSET = 0
