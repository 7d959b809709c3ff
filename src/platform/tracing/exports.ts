import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Log } from '../log/log.ts'

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0]

const SUCCESS: Result['code'] = 0

/** Counts what a collector takes, and logs when it stops and when it is back. */
export function watchExports(exporter: SpanExporter) {
  const figures = { sent: 0, lost: 0 }
  let log: Log | undefined
  let isFailing = false

  function note(count: number, { code, error }: Result): void {
    const isSent = code === SUCCESS
    figures[isSent ? 'sent' : 'lost'] += count
    if (isFailing === !isSent) return
    isFailing = !isSent
    if (isSent) log?.info({}, 'the collector takes spans again')
    else log?.warn({ reason: reasonOf(error) }, 'the collector takes no spans; they are lost')
  }

  const watched: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        note(spans.length, result)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
  const logTo = (target: Log) => {
    log = target
  }
  return { watched, figures, logTo }
}

/** A code, such as that of the answer; messages may repeat what the collector wrote. */
function reasonOf(error: Error | undefined): string {
  const { code, name } = (error ?? {}) as NodeJS.ErrnoException
  return String(code ?? name)
}
