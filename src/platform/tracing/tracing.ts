import { setTimeout as sleep } from 'node:timers/promises'
import type { Span, TextMapPropagator } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Metric } from '../metrics.ts'
import { VERSION } from '../version.ts'
import { watchExports } from './exports.ts'
import { FLUSH_TIME } from './flush-time.ts'
import type { Spans } from './spans.ts'
import { parentIn, type TraceIds } from './trace-context.ts'

export type TracingTarget = {
  /** Takes OTLP as protobuf over HTTP. */
  url: string
  headers: Record<string, string>
  serviceName: string
  /** Whether the `traceparent` of a request counts. */
  isContinuing: boolean
}

type Options = { target: TracingTarget; clean: (span: ReadableSpan) => void }

/**
 * Sends spans to a collector, beside the requests. The SDK reads its other settings itself.
 * @param clean takes away what must not leave the server
 */
export async function startTracing({ target, clean }: Options) {
  const [api, base, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, resources] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/resources'),
    ])
  const { context, propagation, trace } = api
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(incomingOnly(api, target.isContinuing))
  const { url, headers, serviceName } = target
  const { watched, figures, logTo } = watchExports(new OTLPTraceExporter({ url, headers }))
  const provider = new base.BasicTracerProvider({
    resource: resources
      .resourceFromAttributes({ 'service.version': VERSION })
      .merge(resources.detectResources({ detectors: [resources.envDetector] }))
      .merge(resources.resourceFromAttributes({ 'service.name': serviceName })),
    spanProcessors: [cleaner(clean), new base.BatchSpanProcessor(watched)],
  })
  const tracer = provider.getTracer('latchkey', VERSION)

  const spans: Spans = ({ name, kind, attributes = {} }, work) => {
    // Work after the response, or of no request, has no trace to be part of.
    if (trace.getActiveSpan()?.isRecording() !== true) return work()
    const options = { kind: api.SpanKind[kind === 'client' ? 'CLIENT' : 'INTERNAL'], attributes }
    return tracer.startActiveSpan(name, options, (span) => watch(span, work))
  }

  async function watch<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: api.SpanStatusCode.ERROR }).setAttribute('error.type', typeOf(error))
      throw error
    } finally {
      span.end()
    }
  }

  function idsIn(within = context.active()): TraceIds | undefined {
    const found = trace.getSpanContext(within)
    return found && { trace_id: found.traceId, span_id: found.spanId }
  }

  /** Sends the last spans, as far as time allows. */
  async function stop(): Promise<void> {
    const late = sleep(FLUSH_TIME, undefined, { ref: false })
    await Promise.race([provider.shutdown().catch(() => undefined), late])
  }

  const metrics: Metric[] = [
    {
      name: 'latchkey_spans_total',
      help: 'Spans of traces that the collector took, and those that it did not.',
      kind: 'counter',
      label: 'outcome',
      read: () => figures,
    },
  ]
  return { provider, context, spans, idsIn, logTo, metrics, stop }
}

/** Nothing is told to other servers, and the baggage of strangers is left alone. */
function incomingOnly(
  { trace, TraceFlags }: typeof import('@opentelemetry/api'),
  isContinuing: boolean,
): TextMapPropagator {
  return {
    fields: () => ['traceparent'],
    inject: () => undefined,
    extract: (context, carrier, { get }) => {
      const header = isContinuing ? get(carrier, 'traceparent') : undefined
      const parent = parentIn(Array.isArray(header) ? undefined : header)
      if (parent === undefined) return context
      const { traceId, spanId, isSampled } = parent
      const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
      return trace.setSpanContext(context, { traceId, spanId, traceFlags, isRemote: true })
    },
  }
}

function cleaner(clean: (span: ReadableSpan) => void): SpanProcessor {
  const nothing = async () => undefined
  return { onStart: () => undefined, onEnd: clean, forceFlush: nothing, shutdown: nothing }
}

/** Its kind alone: messages of databases repeat values. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { cause, code, name } = error as NodeJS.ErrnoException & { cause?: { kind?: unknown } }
  return String(cause?.kind ?? code ?? name)
}
