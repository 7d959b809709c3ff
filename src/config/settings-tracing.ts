import { list, refuse } from './readers.ts'
import { optionalSetting } from './setting.ts'

type Row = { isSecret?: true; description: string }

/** OpenTelemetry's specification: an empty value means that the setting is not given. */
function standard<const Name extends string, Value>(
  name: Name,
  defaultNote: string,
  read: (text: string) => Value,
  row: Row,
) {
  const readGiven = (text: string) => (text === '' ? undefined : read(text))
  return optionalSetting(name, { defaultNote, mayBeEmpty: true, read: readGiven, ...row })
}

const text = (given: string) => given

/** Settings of traces, by OpenTelemetry's own names. */
export const tracingSettings = {
  isDisabled: standard('OTEL_SDK_DISABLED', '`false`', (given) => given.toLowerCase() === 'true', {
    description: '`true` turns [traces](tracing.md) off, and the checks of these settings with it.',
  }),
  exporter: standard('OTEL_TRACES_EXPORTER', '`otlp` with an endpoint, else `none`', text, {
    description:
      'Where traces go: `otlp`, a collector at an endpoint below, or else at `http://localhost:4318`; or `none`.',
  }),
  endpoint: standard('OTEL_EXPORTER_OTLP_ENDPOINT', 'none', collector, {
    description:
      'Address of a collector that takes OTLP over HTTP, such as `http://localhost:4318`; `/v1/traces` is added. It turns [traces](tracing.md) on.',
  }),
  tracesEndpoint: standard('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'none', collector, {
    description: 'The same, for traces alone: used as it is, with its path.',
  }),
  headers: standard('OTEL_EXPORTER_OTLP_HEADERS', 'none', headers, {
    isSecret: true,
    description:
      'What the collector wants in each request, such as `authorization=Bearer%20…`: `name=value`, separated by commas, values percent-encoded. In production they need an https endpoint, unless on this machine.',
  }),
  tracesHeaders: standard('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'none', headers, {
    isSecret: true,
    description: 'The same, for traces alone; they win.',
  }),
  protocol: standard('OTEL_EXPORTER_OTLP_PROTOCOL', '`http/protobuf`', text, {
    description: '`http/protobuf`; gRPC and JSON are not there.',
  }),
  tracesProtocol: standard('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', '`http/protobuf`', text, {
    description: 'The same, for traces alone.',
  }),
  serviceName: standard('OTEL_SERVICE_NAME', '`latchkey`', text, {
    description: 'What traces call this server.',
  }),
  sampler: standard('OTEL_TRACES_SAMPLER', '`parentbased_always_on`', text, {
    description:
      'Which requests are traced: `always_on`, `always_off`, `traceidratio`, or one of them after `parentbased_`, which does as the `traceparent` of the request says, if it has one.',
  }),
  samplerArgument: standard('OTEL_TRACES_SAMPLER_ARG', '1', text, {
    description: 'The part of requests that `traceidratio` takes: 0 to 1, such as `0.1`.',
  }),
  propagators: standard('OTEL_PROPAGATORS', '`tracecontext,baggage`', list, {
    description:
      '`none` ignores the `traceparent` of requests; `tracecontext` continues its trace. `baggage` is accepted and has no effect.',
  }),
}

/** Of OpenTelemetry, too; its packages read them. */
export const READ_BY_OPENTELEMETRY = [
  'OTEL_RESOURCE_ATTRIBUTES',
  ...['', '_TRACES'].flatMap((signal) =>
    ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY', 'COMPRESSION', 'TIMEOUT'].map(
      (name) => `OTEL_EXPORTER_OTLP${signal}_${name}`,
    ),
  ),
  ...['EXPORT_TIMEOUT', 'MAX_EXPORT_BATCH_SIZE', 'MAX_QUEUE_SIZE', 'SCHEDULE_DELAY'].map(
    (name) => `OTEL_BSP_${name}`,
  ),
  ...['OTEL_ATTRIBUTE', 'OTEL_SPAN_ATTRIBUTE'].flatMap((name) => [
    `${name}_COUNT_LIMIT`,
    `${name}_VALUE_LENGTH_LIMIT`,
  ]),
]

function collector(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    return refuse(
      'it must be an http:// or https:// address without user, query or fragment, such as http://localhost:4318',
    )
  }
  return url.href
}

/** As W3C Baggage writes them; no message repeats a value. */
function headers(given: string): Record<string, string> {
  return Object.fromEntries(list(given).map(header))
}

function header(entry: string): [name: string, value: string] {
  const [, name = '', value = ''] = /^([\w.-]+)\s*=\s*(.+)$/.exec(entry) ?? []
  try {
    const decoded = decodeURIComponent(value)
    if (name !== '' && !/\p{Cc}/u.test(decoded)) return [name, decoded]
  } catch {
    // A wrong percent-encoding.
  }
  return refuse(
    'each entry must be name=value, separated by commas, values percent-encoded, such as authorization=Bearer%20token',
  )
}
