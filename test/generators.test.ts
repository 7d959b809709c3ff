// runs once
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('../', import.meta.url))

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
