import type { TracingTarget } from '../platform/tracing/tracing.ts'
import { isThisMachine } from './remote.ts'
import type { DraftOf, ValuesOf } from './setting.ts'
import type { tracingSettings } from './settings-tracing.ts'

type Draft = DraftOf<typeof tracingSettings>
type Issue = { name: keyof typeof NAMES; fix: string } | undefined

const NAMES = {
  OTEL_TRACES_EXPORTER: 'exporter',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'protocol',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'tracesProtocol',
  OTEL_TRACES_SAMPLER: 'sampler',
  OTEL_TRACES_SAMPLER_ARG: 'samplerArgument',
  OTEL_PROPAGATORS: 'propagators',
} as const

const SAMPLER = /^(parentbased_)?(always_on|always_off|traceidratio)$/
const RATIO = /^(0(\.\d+)?|1(\.0+)?)$/
const PROPAGATORS = ['tracecontext', 'baggage', 'none']
const DEFAULT_ENDPOINT = 'http://localhost:4318'

const OFF = 'or turn traces off by OTEL_SDK_DISABLED=true'

/** What is valid for others, but not here: it stops the start, rather than change nothing. */
const FIXES: Record<keyof typeof NAMES, { isValid: (draft: Draft) => boolean; fix: string }> = {
  OTEL_TRACES_EXPORTER: {
    isValid: ({ exporter = 'otlp' }) => ['otlp', 'none'].includes(exporter),
    fix: `write otlp or none; there are no others`,
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    isValid: ({ protocol, tracesProtocol }) => tracesProtocol !== undefined || isProtobuf(protocol),
    fix: `write http/protobuf, which collectors take at port 4318, ${OFF}`,
  },
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: {
    isValid: ({ tracesProtocol }) => isProtobuf(tracesProtocol),
    fix: `write http/protobuf, which collectors take at port 4318, ${OFF}`,
  },
  OTEL_TRACES_SAMPLER: {
    isValid: ({ sampler = 'always_on' }) => SAMPLER.test(sampler),
    fix: 'write always_on, always_off or traceidratio, each also after parentbased_',
  },
  OTEL_TRACES_SAMPLER_ARG: {
    isValid: ({ sampler = '', samplerArgument = '1' }) =>
      !sampler.endsWith('traceidratio') || RATIO.test(samplerArgument),
    fix: 'write a number from 0 to 1, such as 0.1',
  },
  OTEL_PROPAGATORS: {
    isValid: ({ propagators = [] }) => propagators.every((one) => PROPAGATORS.includes(one)),
    fix: 'write tracecontext, or none; there are no others',
  },
}

function isProtobuf(protocol = 'http/protobuf'): boolean {
  return protocol === 'http/protobuf'
}

/** The first setting of traces that cannot be met, while they are on. */
export function tracingIssue(draft: Draft): Issue {
  if (!isWanted(draft)) return undefined
  const names = Object.keys(FIXES) as (keyof typeof NAMES)[]
  const name = names.find((one) => !FIXES[one].isValid(draft))
  return name && { name, fix: FIXES[name].fix }
}

/** Whether headers, which hold tokens, would leave this machine in plain text. */
export function sendsPlainHeaders(draft: Draft): boolean {
  const isHeld = draft.headers !== undefined || draft.tracesHeaders !== undefined
  const { protocol, hostname } = addressOf(draft)
  return isWanted(draft) && isHeld && protocol === 'http:' && !isThisMachine(hostname)
}

/** Where traces go; undefined while they are off. */
export function tracingTarget(
  tracing: ValuesOf<typeof tracingSettings>,
): TracingTarget | undefined {
  if (!isWanted(tracing)) return undefined
  const { headers, tracesHeaders, propagators = ['tracecontext'], serviceName } = tracing
  return {
    url: addressOf(tracing).href,
    headers: { ...headers, ...tracesHeaders },
    serviceName: serviceName ?? 'latchkey',
    isContinuing: propagators.includes('tracecontext'),
  }
}

function isWanted({ isDisabled, exporter, endpoint, tracesEndpoint }: Draft): boolean {
  if (isDisabled === true || exporter === 'none') return false
  return exporter !== undefined || endpoint !== undefined || tracesEndpoint !== undefined
}

function addressOf({ endpoint, tracesEndpoint }: Draft): URL {
  if (tracesEndpoint !== undefined) return new URL(tracesEndpoint)
  return new URL(`${(endpoint ?? DEFAULT_ENDPOINT).replace(/\/$/, '')}/v1/traces`)
}
