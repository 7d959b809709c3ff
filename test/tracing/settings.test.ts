// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { tracingTarget } from '../../src/config/tracing.ts'
import { settingWarnings } from '../../src/config/warnings.ts'
import { namesOf, PRODUCTION, refusal } from '../support/config.ts'

const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }
const targetOf = (env: Record<string, string>) => tracingTarget(loadConfig(env).tracing)

test('an endpoint or an exporter turns traces on, and two settings turn them off', () => {
  const url = 'http://localhost:4318/v1/traces'

  assert.equal(targetOf({}), undefined)
  assert.equal(targetOf({ OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' }), undefined)
  assert.equal(targetOf(ON)?.url, url)
  assert.equal(targetOf({ OTEL_TRACES_EXPORTER: 'otlp' })?.url, url)
  assert.equal(targetOf({ ...ON, OTEL_TRACES_EXPORTER: 'none' }), undefined)
  assert.equal(targetOf({ ...ON, OTEL_SDK_DISABLED: 'true' }), undefined)
  assert.equal(targetOf({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), undefined)
})

test('the address and the headers of traces alone win', () => {
  const target = targetOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.example/otlp/',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b.example/own',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20one, x-tenant=a',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Bearer%20two',
    OTEL_SERVICE_NAME: 'accounts',
    OTEL_PROPAGATORS: 'none',
  })

  assert.deepEqual(target, {
    url: 'https://b.example/own',
    headers: { authorization: 'Bearer two', 'x-tenant': 'a' },
    serviceName: 'accounts',
    isContinuing: false,
  })
  const { url } = targetOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.example/otlp/' }) ?? {}
  assert.equal(url, 'https://a.example/otlp/v1/traces')
})

test('what the server cannot do stops the start while traces are on', () => {
  const impossible = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'xray',
    OTEL_PROPAGATORS: 'tracecontext,b3',
  }
  for (const [name, value] of Object.entries(impossible)) {
    assert.deepEqual(namesOf(refusal({ ...ON, [name]: value }).issues), [name])
    assert.equal(targetOf({ [name]: value }), undefined)
    assert.equal(targetOf({ ...ON, [name]: value, OTEL_SDK_DISABLED: 'true' }), undefined)
  }
  const ratio = { ...ON, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }
  assert.deepEqual(namesOf(refusal(ratio).issues), ['OTEL_TRACES_SAMPLER_ARG'])
})

test('in production headers need https, unless the collector is on this machine', () => {
  const far = { ...PRODUCTION, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318' }
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20token' }

  assert.equal(targetOf(far)?.url, 'http://collector.internal:4318/v1/traces')
  assert.deepEqual(namesOf(refusal({ ...far, ...headers }).issues), ['OTEL_EXPORTER_OTLP_HEADERS'])
  assert.ok(targetOf({ ...PRODUCTION, ...ON, ...headers }))
})

test('names that the packages of OpenTelemetry read are known, misspelt ones are not', () => {
  const names = ['OTEL_BSP_SCHEDULE_DELAY', 'OTEL_RESOURCE_ATTRIBUTES', 'OTEL_BSP_SCHEDULE_DELAYS']
  const env = Object.fromEntries(names.map((name) => [name, '1']))

  const warned = settingWarnings(env, names)

  assert.deepEqual(warned, [
    {
      name: 'OTEL_BSP_SCHEDULE_DELAYS',
      fix: 'it is not a setting; write OTEL_BSP_SCHEDULE_DELAY',
    },
  ])
})
