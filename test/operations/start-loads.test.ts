// runs once
// A start loads what every server needs; the rest comes with the first request that needs it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { lazy } from '../../src/platform/lazy.ts'
import { isRunning } from '../support/broken-output.ts'
import { freshDatabase } from '../support/helper.ts'
import { startTelling } from '../support/loaded-scripts.ts'
import { call, launch, type ServerProcess, startProcess } from '../support/process.ts'
import { pkce, providerEnv, RETURN_TO } from '../support/providers.ts'
import { registered } from '../support/server-processes.ts'
import { until } from '../support/until.ts'

const COMPILER = '@prisma/client/runtime/query_compiler'
const OF_PASSWORDS = ['@zxcvbn-ts/', '@fastify/ajv-compiler/']
const OF_REFERENCE = ['@fastify/swagger/', 'yaml/']
const OF_FEW = ['openid-client/', '@simplewebauthn/', 'ioredis/', '@opentelemetry/']
const NEVER = ['@fastify/swagger-ui/', 'mariadb/']

/** The first start of all makes the keys. */
async function usedDatabase(t: TestContext): Promise<string> {
  const url = await freshDatabase(t)
  await (await launch({ url })).stop()
  return url
}

test('a server that has started has loaded nothing that only some requests need', async (t) => {
  const packages = [COMPILER, ...OF_PASSWORDS, ...OF_REFERENCE, ...OF_FEW, ...NEVER]
  const url = await usedDatabase(t)
  const { server, loaded } = await startTelling(t, { url, packages })
  const seen = async () => {
    const counts = await loaded()
    return packages.filter((name) => (counts[name] ?? 0) > 0)
  }

  await call(server, 'GET', '/readyz')
  const atStart = await seen()
  await until(async () => (await seen()).length > 0)
  const afterwards = await seen()
  await registered(server)
  const withPassword = await seen()
  for (const path of ['/docs', '/openapi.yaml']) await fetch(new URL(path, server.base))
  const withReference = await seen()

  assert.deepEqual([atStart, afterwards], [[], [COMPILER]])
  assert.deepEqual(withPassword, [COMPILER, ...OF_PASSWORDS])
  assert.deepEqual(withReference, [COMPILER, ...OF_PASSWORDS, ...OF_REFERENCE])
})

/** Runs the server where a file of a library cannot be loaded. Node.js remembers the failure. */
async function startWithout(t: TestContext, file: string, settings: Record<string, string> = {}) {
  const dataUrl = (script: string) => `data:text/javascript,${encodeURIComponent(script)}`
  const hook = `export async function resolve(name, context, next) {
    if (name.includes('${file}')) throw Object.assign(new Error('too many files'), { code: 'EMFILE' })
    return next(name, context)
  }`
  const script = `import Module, { register } from 'node:module'
    register(${JSON.stringify(dataUrl(hook))})
    const load = Module._load
    Module._load = (name, ...more) => {
      if (name.includes('${file}')) throw new Error('too many files')
      return load(name, ...more)
    }`
  const env = {
    ...settings,
    ...providerEnv('http://127.0.0.1:9'),
    NODE_OPTIONS: `--import=${dataUrl(script)}`,
  }
  return startProcess(t, { url: await usedDatabase(t), env })
}

/** What makes a server load each of them; the first is loaded behind every start. */
const REASONS: [string, (server: ServerProcess) => unknown][] = [
  ['/query_compiler', () => undefined],
  ['@fastify/swagger', ({ base }) => fetch(`${base}/openapi.json`)],
  ['nodemailer', registered],
  ['openid-client', beginAtProvider],
  ['@zxcvbn-ts/language-common', (server) => assert.rejects(registered(server), /500/)],
]

function beginAtProvider(server: ServerProcess): Promise<unknown> {
  const { codeChallenge } = pkce()
  const body = { purpose: 'sign_in', provider: 'real', codeChallenge, returnTo: RETURN_TO }
  return call(server, 'POST', '/challenges', { body })
}

for (const [file, ask] of REASONS) {
  test(`a server that cannot load ${file} says so and stops`, async (t) => {
    const server = await startWithout(t, file)

    await ask(server)
    await until(() => !isRunning(server.pid))
    const code = await server.stop()

    assert.match(
      server.output(),
      /"level":60.*too many files.*the server stops after an unexpected/,
    )
    assert.equal(code, 1)
  })
}

test('two loads that fail at once end the process once, and its stop is whole', async () => {
  const source = new URL('../../src/platform/load-code.ts', import.meta.url).href
  const script = `import closeWithGrace from 'close-with-grace'
    import { loadCode, requireCode } from '${source}'
    closeWithGrace(async ({ err }) => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      console.log('closed for ' + err.message)
    })
    const fail = () => { throw new Error('too many files') }
    void loadCode(async () => fail()).catch(() => undefined)
    try { requireCode(fail) } catch {}`

  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })

  assert.deepEqual([status, stdout, stderr], [1, 'closed for too many files\n', ''])
})

test('a load that fails while a server stops does not cut the stop short', async (t) => {
  const server = await startWithout(t, '@fastify/swagger', { SHUTDOWN_DELAY: '2s' })

  process.kill(server.pid, 'SIGTERM')
  await until(async () => (await call(server, 'GET', '/readyz')).status === 503)
  const { status } = await call(server, 'GET', '/openapi.json')
  await until(() => !isRunning(server.pid))
  const code = await server.stop()

  assert.deepEqual([status, code], [500, 0])
})

test('what is needed later is made once, also where it is undefined, and again after an error', () => {
  const outcomes = [new Error('not yet'), undefined, 'never']
  const get = lazy(() => {
    const outcome = outcomes.shift()
    if (outcome instanceof Error) throw outcome
    return outcome
  })

  assert.throws(get, /not yet/)
  assert.deepEqual([get(), get()], [undefined, undefined])
  assert.deepEqual(outcomes, ['never'])
})

test('a promise that is needed later is made once, and again after a rejection', async () => {
  const outcomes = [new Error('not yet'), 'made', 'never']
  const get = lazy(async () => {
    const outcome = outcomes.shift()
    if (outcome instanceof Error) throw outcome
    return outcome
  })

  await assert.rejects(Promise.all([get(), get()]), /not yet/)
  assert.deepEqual(await Promise.all([get(), get()]), ['made', 'made'])
  assert.deepEqual(outcomes, ['never'])
})
