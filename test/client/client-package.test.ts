// runs once
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'
import { bundledClient, bundledPasskeys, bundledProviders } from '../support/client-bundle.ts'
import { signedUp } from '../support/factories.ts'
import { listeningServer } from '../support/network.ts'
import { pageAt, stepsOf } from '../support/walkthrough.ts'

// What applications get that install the client: one package, its types, its weight.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MOST_BYTES = 6500
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc')

const run = promisify(execFile)

const APPLICATION = `import { createLatchkey, LatchkeyError, type Latchkey, type Photo, type Restored, type User } from '@latchkey/client'
import { addPasskey, answerWithPasskey } from '@latchkey/client/passkeys'
import { finishSignIn, type Identity, ProviderError, signInWith } from '@latchkey/client/providers'

const latchkey: Latchkey = createLatchkey({ baseUrl: 'https://auth.example.com', transport: 'cookie' })

export async function start(): Promise<User | null> {
  latchkey.on('signedOut', (problem) => console.log(problem?.code === 'session_ended'))
  const { user } = await latchkey.restore()
  return user
}

export async function signIn(username: string, password: string): Promise<string> {
  try {
    const user = await latchkey.signIn({ username, password })
    return user.email
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'invalid_credentials') return error.message
    throw error
  }
}

export async function addHouse(photo: Blob): Promise<number> {
  const { data, error } = await latchkey.api.POST('/houses', {
    body: { projectNo: '1', projectName: 'Sea View' },
  })
  if (!data) throw new Error(error.detail)
  const params = { path: { id: data.id } }
  const upload = await latchkey.api.POST('/houses/{id}/photos', { params, body: { file: photo } })
  const other: Photo = await latchkey.upload('/houses/1/photos', photo, { onProgress: console.log })
  const address: string = await latchkey.photoUrl(other)
  const response: Response = await latchkey.fetch('/dashboard', { method: 'GET' })
  return upload.data?.width ?? address.length + response.status
}

export async function addPhone(): Promise<string | undefined> {
  const { uri, confirm } = await latchkey.factors.addTotp()
  console.log(uri)
  const { recoveryCodes } = await confirm('123456', 'Phone')
  const passkey = await addPasskey(latchkey, { name: 'Laptop' })
  return passkey?.name ?? recoveryCodes?.[0]
}

export async function byProvider(): Promise<Identity | undefined> {
  try {
    const finished = await finishSignIn(latchkey, { username: 'lyshark' })
    return finished?.identity
  } catch (error) {
    if (error instanceof ProviderError && error.code === 'access_denied') return undefined
    await signInWith(latchkey, 'google', { returnTo: 'https://app.example.com/' })
    throw error
  }
}

export const other = createLatchkey({
  baseUrl: '',
  onStepUp: async (challenge, { attemptsLeft = 5 }) =>
    challenge.methods.includes('passkey') && attemptsLeft > 2
      ? answerWithPasskey(challenge)
      : { method: 'totp', code: '123456', trustDevice: true },
})

/** For any library that wants one. */
export const asFetch: typeof fetch = latchkey.fetch

export async function leave(): Promise<void> {
  const found: Restored = await latchkey.restore({ ask: true })
  if (found.outcome !== 'noSession') await latchkey.signOut({ local: true })
}
`

/** One on each line from the fourth on, and what the compiler names in it. */
const MISTAKES = [
  ["latchkey.api.POST('/login', { body: { username: 'lyshark', password: '' } })", '"/login"'],
  ["latchkey.api.GET('/house', {})", '"/house"'],
  ["latchkey.api.POST('/houses', { body: { projectNo: '1', projectNme: '' } })", 'projectNme'],
  ["latchkey.signIn({ user: 'lyshark', password: '' })", "'user'"],
  ["latchkey.on('signedoff', () => {})", '"signedoff"'],
  ["createLatchkey({ baseUrl: '', transport: 'cookies' })", '"cookies"'],
] as const

const WRONG_APPLICATION = `import { createLatchkey } from '@latchkey/client'

const latchkey = createLatchkey({ baseUrl: 'https://auth.example.com' })
${MISTAKES.map(([line]) => `${line}\n`).join('')}`

/** What the page takes of packages that are not here. */
const OTHERS = `declare module 'expo-secure-store' {
  export function getItemAsync(name: string): Promise<string | null>
  export function setItemAsync(name: string, value: string): Promise<void>
  export function deleteItemAsync(name: string): Promise<void>
}
declare module 'vite' {
  export function defineConfig(config: { server: { proxy: Record<string, string> } }): unknown
}
declare module 'react' {
  export function useSyncExternalStore<T>(
    subscribe: (changed: () => void) => () => void,
    read: () => T,
    readOnServer?: () => T,
  ): T
}
declare module '@playwright/test' {
  export type Page = {
    goto(address: string): Promise<unknown>
    evaluate<T>(work: (given: T) => unknown, given: T): Promise<unknown>
    close(): Promise<void>
  }
  export type BrowserContext = { newPage(): Promise<Page>; close(): Promise<void> }
  type Browser = { newContext(): Promise<BrowserContext> }
  type Use<T> = (value: T) => Promise<void>
  type Fixture<T, Given> = (given: Given, use: Use<T>) => Promise<void>
  export const test: {
    extend<Own, Shared>(fixtures: {
      [Name in keyof Shared]: [Fixture<Shared[Name], { browser: Browser }>, { scope: 'worker' }]
    } & { page: Fixture<Page, Shared> }): unknown
  }
}
`

/** What the package needs, from here: the test has no network. */
const DEPENDENCIES = ['./node_modules/openapi-fetch', './node_modules/openapi-typescript-helpers']

type Archive = { filename: string; paths: string[] }

const RESOLUTIONS = { bundler: 'esnext', nodenext: 'nodenext' } as const

test('The types of the client are those that openapi.yaml makes', async () => {
  const kept = readFileSync(join(ROOT, 'client/src/api-types.ts'), 'utf8')

  const { stdout } = await run(
    process.execPath,
    [join(ROOT, 'generators/client-types.mjs'), '--print'],
    { maxBuffer: 10_000_000 },
  )

  assert.ok(stdout === kept, 'client/src/api-types.ts is not current: run "npm run openapi"')
})

test(`The client weighs less than ${MOST_BYTES} bytes, minified and gzipped`, async (t) => {
  const { code, metafile } = await bundledClient('esm')

  const bytes = gzipSync(code, { level: 9 }).length

  t.diagnostic(`The client: ${bytes} bytes minified and gzipped, ${code.length} minified`)
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`)
  assert.deepEqual(
    Object.keys(metafile.inputs).filter((path) => !path.startsWith('client/src/')),
    [],
  )
})

test('The other entries hold a few lines of the client, and the client nothing of them', async () => {
  const inputs = async (bundle: Promise<Awaited<ReturnType<typeof bundledClient>>>) =>
    Object.keys((await bundle).metafile.inputs)

  const client = await inputs(bundledClient('esm'))
  const passkeys = await inputs(bundledPasskeys())
  const providers = await inputs(bundledProviders())

  const shared = (paths: string[]) =>
    paths
      .filter((path) => client.includes(path))
      .map((path) => path.replace('client/src/', ''))
      .sort()
  assert.deepEqual(shared(passkeys), ['stopwatch.ts'])
  assert.deepEqual(shared(providers), ['json.ts', 'random-key.ts', 'storage.ts'])
})

test('The bundled client names nothing that only browsers or only Node have', async () => {
  const { code, metafile } = await bundledClient('esm')

  const named = code.match(/\b(process\.env|require|document|window|Buffer|import)\b/g)

  assert.equal(named, null)
  assert.deepEqual(
    Object.values(metafile.outputs).flatMap(({ imports }) => imports),
    [],
  )
})

describe('The client as a package', () => {
  let folder = ''
  let packed: Archive
  const inFolder = (...path: string[]) => join(folder, ...path)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-package-'))
    packed = await packInto(folder, '-w', 'client', '--ignore-scripts=false')
    writeFileSync(inFolder('package.json'), '{ "type": "module" }')
    const others = await Promise.all(DEPENDENCIES.map((name) => packInto(folder, name)))
    const archives = [packed, ...others].map(({ filename }) => `./${filename}`)
    const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', ['install', ...flags, ...archives], { cwd: folder })
    writeFileSync(inFolder('application.ts'), APPLICATION)
    writeFileSync(inFolder('wrong.ts'), WRONG_APPLICATION)
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  test('The package holds the client, and nothing of the server', () => {
    const others = packed.paths.filter(
      (path) => !/^dist\/(server\/)?[a-z-]+\.(js|d\.ts)$/.test(path),
    )

    assert.ok(packed.paths.includes('dist/index.js'))
    assert.ok(packed.paths.includes('dist/index.d.ts'))
    assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'package.json'])
  })

  for (const [resolution, module] of Object.entries(RESOLUTIONS)) {
    test(`An application that uses the client compiles under strict, resolved as ${resolution}`, async () => {
      const said = await compile(folder, 'application.ts', module, resolution)

      assert.equal(said, '')
    })
  }

  test('An application that uses the client wrongly does not compile, and reads why', async () => {
    const said = await compile(folder, 'wrong.ts', 'esnext', 'bundler')

    const reports = said.split(/^wrong\.ts\(/m).slice(1)
    for (const [index, [line, name]] of MISTAKES.entries()) {
      const report = reports.find((text) => text.startsWith(`${index + 4},`))
      assert.ok(report?.includes(name), `${line}\n${report ?? 'compiles'}`)
    }
    assert.equal(reports.length, MISTAKES.length, said)
  })

  test('The code of docs/client.md compiles, and prints what the page says', async (t) => {
    const server = await listeningServer(t)
    await signedUp(server, { username: 'lyshark', email: 'lyshark@example.com' })
    const page = pageAt('docs/client.md').replaceAll('http://localhost:3000', server.baseUrl)
    const steps = stepsOf(page, { languages: ['ts'] })
    const files = steps.map((_step, index) => `step-${index}.ts`)
    for (const [index, { code }] of steps.entries())
      writeFileSync(inFolder(`step-${index}.ts`), code)
    writeFileSync(inFolder('others.d.ts'), OTHERS)
    symlinkSync(join(ROOT, 'node_modules/axios'), inFolder('node_modules/axios'))

    const said = await compile(folder, ['others.d.ts', ...files], 'esnext', 'bundler')
    const printed = steps.filter((step) => step.printed !== '')

    assert.equal(said, '')
    assert.equal(printed.length, 5)
    for (const step of printed) {
      const { code } = transformSync(step.code, { loader: 'ts', format: 'esm' })
      writeFileSync(inFolder('step.js'), code)
      const { stdout } = await run(process.execPath, ['step.js'], { cwd: folder })
      assert.equal(stdout, step.printed)
    }
  })

  test('An application on Node imports the client without a bundler', async () => {
    const program = `import { createLatchkey, LatchkeyError } from '@latchkey/client'
      console.log(createLatchkey({ baseUrl: 'http://localhost' }).user, LatchkeyError.name)`
    writeFileSync(inFolder('run.js'), program)

    const { stdout } = await run(process.execPath, ['run.js'], { cwd: folder })

    assert.equal(stdout, 'null LatchkeyError\n')
  })
})

/** Packs as `npm publish` would. */
async function packInto(folder: string, ...what: string[]): Promise<Archive> {
  const args = ['pack', ...what, '--json', '--pack-destination', folder]
  const { stdout } = await run('npm', args, { cwd: ROOT })
  const [{ filename, files }] = JSON.parse(stdout)
  return { filename, paths: files.map(({ path }: { path: string }) => path) }
}

/**
 * What the compiler says of the file, in the words of an application with no types but those of
 * browsers.
 */
async function compile(
  folder: string,
  file: string | string[],
  module: string,
  moduleResolution: string,
): Promise<string> {
  const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable']
  const modules = ['--module', module, '--moduleResolution', moduleResolution, '--types', '']
  const args = [COMPILER, ...options, ...modules, '--skipLibCheck', 'false', '--pretty', 'false']
  try {
    const { stdout } = await run(process.execPath, [...args, '--ignoreConfig', ...[file].flat()], {
      cwd: folder,
    })
    return stdout
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
