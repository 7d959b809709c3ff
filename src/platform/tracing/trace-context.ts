/** As the log names them (OpenTelemetry: trace context in non-OTLP log formats). */
export type TraceIds = { trace_id: string; span_id?: string }

type Parent = { traceId: string; spanId: string; isSampled: boolean }

const SHAPE =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/
/** Of version 00; later ones may have more parts. */
const LENGTH = 55
const SAMPLED = 1

/** Reads `traceparent` (W3C Trace Context). @returns undefined for anything invalid */
export function parentIn(header: string | undefined): Parent | undefined {
  if (header === undefined) return undefined
  const [, version, traceId, spanId, flags = ''] = SHAPE.exec(header) ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  if (version === '00' && header.length !== LENGTH) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED }
}
