/** A piece of work within a request, as a trace shows it. */
export type SpanFacts = {
  name: string
  /** For work that another server does. */
  kind?: 'client'
  /** By OpenTelemetry's names; never a value that a user sent. */
  attributes?: Record<string, string | number>
}

/** Does the work, inside a span if the present request is traced. */
export type Spans = <T>(facts: SpanFacts, work: () => Promise<T>) => Promise<T>

/** Where tracing is off. */
export const noSpans: Spans = (_facts, work) => work()
