// runs once
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))

/** What one generator makes, used as a newcomer would. */
const TYPES_SAMPLE = `import type { components, operations } from './types'

type Schemas = components['schemas']
export const house: Schemas['HouseInput'] = { projectNo: 'A-1', projectName: 'Sea View' }
export const change: Schemas['HousePatch'] = { projectAddress: null }
export const isOver = ({ action }: Schemas['Problem']) => action === 'login'
export const owner = ({ ownerId }: Schemas['House'], { id }: Schemas['User']) => ownerId === id
export const bytes = ({ items }: Schemas['PhotoList']) => items.map((photo) => photo.bytes)
export const device = (info: Schemas['SessionInfo']): string | null => info.userAgent

type List = operations['listHouses']['responses'][200]['content']['application/json']
export const total = (list: List) => ('totalItems' in list ? list.totalItems : list.nextCursor)
export const token = (session: Schemas['Session'] | Schemas['RefreshedSession']) =>
  session.refresh_token ?? 'in the cookie'
`

const CALLS_SAMPLE = `import * as api from './calls'

export async function walk(credentials: api.Credentials, file: Blob): Promise<string | undefined> {
  const answer = await api.login(credentials)
  if (answer.status !== 200) return answer.status === 401 ? answer.data.code : undefined
  const session: api.Session = answer.data
  const headers = { Authorization: \`Bearer \${session.access_token}\` }
  const made = await api.createHouse({ projectNo: 'A-1', projectName: 'Sea View' }, {}, { headers })
  if (made.status !== 201) return undefined
  await api.addPhoto(made.data.id, { file }, { headers })
  await api.refresh({ refresh_token: session.refresh_token }, { idempotencyKey: 'once' })
  await api.listHouses({ cursor: '', size: '20', sort: '-createdAt' }, { headers })
  return made.data.projectAddress ?? made.data.projectName
}
`

const BROKEN_SAMPLE = `import type { components } from './types'
import * as api from './calls'

export const house: components['schemas']['HouseInput'] = { projectNo: 17, projectName: 'x' }
export const code = ({ code }: components['schemas']['Problem']) => code === 'no_such_code'
export const nameless = (user: components['schemas']['User']) => user.nickname
export const call = () => api.createHouse({ projectNo: 'A-1' })
export const sort = () => api.listHouses({ sort: 'color' })
`

const OPTIONS = {
  target: 'ES2023',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  paths: {
    '@oazapfts/runtime': [join(REPOSITORY, 'node_modules/@oazapfts/runtime/index.d.ts')],
    '@oazapfts/runtime/*': [join(REPOSITORY, 'node_modules/@oazapfts/runtime/*.d.ts')],
  },
}

/** Runs a program of a package. @returns its exit code and what it printed */
async function run(program: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(REPOSITORY, program), ...args], { cwd: REPOSITORY })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  const code = await new Promise((resolve, reject) => {
    child.once('close', resolve).once('error', reject)
  })
  return { code, output }
}

async function generated(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-generators-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [types, calls] = await Promise.all([
    run(
      'generators/node_modules/openapi-typescript/bin/cli.js',
      ...['openapi.yaml', '-o', join(folder, 'types.ts')],
    ),
    run('node_modules/oazapfts/dist/cli.js', 'openapi.yaml', join(folder, 'calls.ts')),
  ])
  assert.equal(types.code, 0, types.output)
  assert.equal(calls.code, 0, calls.output)
  return folder
}

test('openapi-typescript and oazapfts make code that compiles, and that finds mistakes', async (t) => {
  const folder = await generated(t)
  const samples = {
    'types-sample.ts': TYPES_SAMPLE,
    'calls-sample.ts': CALLS_SAMPLE,
    'broken-sample.ts': BROKEN_SAMPLE,
  }
  for (const [name, text] of Object.entries(samples)) writeFileSync(join(folder, name), text)
  const files = ['types.ts', 'calls.ts', ...Object.keys(samples)]
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({ compilerOptions: OPTIONS, files }))

  const { code, output } = await run('node_modules/typescript/bin/tsc', '-p', project)

  // The names of the types are the generators' own; the places are ours.
  const found = [...output.matchAll(/([\w.-]+\.ts)\((\d+),\d+\): error TS/g)]
  assert.deepEqual(
    found.map(([, file, line]) => `${file} ${line}`),
    [4, 5, 6, 7, 8].map((line) => `broken-sample.ts ${line}`),
    output,
  )
  assert.notEqual(code, 0)
})

const FROM_GENERATORS = createRequire(join(REPOSITORY, 'generators/package.json'))

type ZodSchema = { safeParse: (value: unknown) => { success: boolean; error?: unknown } }

/** The schemas that openapi-zod-client makes, by the names of the document. */
async function zodSchemas(t: TestContext): Promise<Record<string, ZodSchema>> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-zod-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const main = FROM_GENERATORS.resolve('openapi-zod-client')
  const source = join(folder, 'schemas.ts')
  const program = relative(REPOSITORY, join(dirname(main), '../bin.js'))
  const made = await run(program, 'openapi.yaml', '--strict-objects', '-o', source)
  assert.equal(made.code, 0, made.output)
  const load = createRequire(main)
  const alias = { zod: load.resolve('zod'), '@zodios/core': load.resolve('@zodios/core') }
  const outfile = join(folder, 'schemas.cjs')
  await build({ entryPoints: [source], outfile, bundle: true, platform: 'node', alias })
  return load(outfile).schemas
}

const REGISTRATION = {
  username: 'ly-shark.2',
  email: 'lyshark@example.com',
  password: 'correct horse battery staple',
}

test('the schemas of openapi-zod-client accept and refuse the same bodies as the server', async (t) => {
  const { Registration, Credentials, HouseInput } = await zodSchemas(t)
  assert.ok(Registration && Credentials && HouseInput)

  for (const password of [
    'correct horse battery staple',
    'Größe zählt überall',
    '正しい馬の電池ホチキス',
    '🐴🔋📎🐴🔋📎🐴🔋',
  ]) {
    const more = { password, passwordConfirm: password, name: 'Łý 🦈', transport: 'body' }
    const { success, error } = Registration.safeParse({ ...REGISTRATION, ...more })
    assert.ok(success, `${password}: ${error}`)
    assert.ok(Credentials.safeParse({ username: 'x', password }).success, password)
  }
  assert.ok(HouseInput.safeParse({ projectNo: '№ 1 🏠', projectName: '海景花园' }).success)
  for (const wrong of [
    { username: '-lyshark' },
    { username: 'ly shark' },
    { username: 'x' },
    { email: 'lyshark' },
    { password: 17 },
    { password: 'x'.repeat(600) },
    { transport: 'pigeon' },
    { nickname: 'shark' },
  ]) {
    const { success } = Registration.safeParse({ ...REGISTRATION, ...wrong })
    assert.equal(success, false, JSON.stringify(wrong))
  }
})

test('Spectral finds nothing in the document by its rules for OpenAPI', async () => {
  const { code, output } = await run('generators/lint.mjs')

  assert.equal(output, '')
  assert.equal(code, 0)
})
