import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parentIn, type TraceIds } from '../platform/tracing/trace-context.ts'

export type TraceIdsOf = (request: FastifyRequest) => TraceIds | undefined

declare module 'fastify' {
  interface FastifyInstance {
    traceIds?: TraceIdsOf
  }
}

/** Without tracing, what a gateway says, so that its traces lead to the log. */
const fromGateway: TraceIdsOf = ({ headers }) => {
  const parent = parentIn(headers.traceparent as string | undefined)
  return parent && { trace_id: parent.traceId }
}

export function decorateTraceIds(app: FastifyInstance, idsOf: TraceIdsOf = fromGateway): void {
  app.decorate('traceIds', idsOf)
}

/** The trace that a request belongs to, for its log lines. */
export function traceIdsOf(request: FastifyRequest): TraceIds | undefined {
  return request.server.traceIds?.(request)
}
