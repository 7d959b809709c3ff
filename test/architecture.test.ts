// runs once
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { test } from 'node:test'

// The import laws of CONTRIBUTING.md: floors look down, features meet by type, services stay off HTTP.

const ROOT = new URL('../', import.meta.url)
const FLOORS = [
  /^src\/generated\//,
  /^src\/platform\//,
  /^src\/config(-[a-z-]+)?\.ts$/,
  /^src\/http\//,
  /^src\/features\//,
  /^src\/services\.ts$/,
  /^src\/maintenance\.ts$/,
  /^src\/app\.ts$/,
  /^src\/latchkey\.ts$/,
  /^src\/(main|cli|doctor)\.ts$/,
]
const DRAWERS_WITH_HTTP = /\/([a-z-]+-)?(routes|schemas|guard|document(-[a-z]+)?|page)\.ts$/
const PRISMA_USERS = /^src\/platform\/(database[a-z-]*|[a-z]+-adapter|(sqlite|mysql)-[a-z-]+)\.ts$/
const IMPORT =
  /^\s*(?:import|export)\s(?<type>type\s)?(?:[^;'"]*?\bfrom\s*)?['"](?<from>[^'"]+)['"]|\bimport\(\s*['"](?<later>[^'"]+)['"]\s*\)/gm
/** It runs in browsers and phones, where nothing of the server may come along. */
const CLIENT = /^client\/src\//
/** Tables, read entry by entry, and what is generated. */
const LONG_FILES = new Set(['src/platform/error-table.ts', 'client/src/api-types.ts'])
const MAX_FILE_LINES = 250
const MAX_FUNCTION_LINES = 40

type Import = { target: string; isType: boolean }

test('every file of src stands on a floor and imports only from its own floor or below', async () => {
  assert.deepEqual(await violations(lookUp), [])
})

test('features meet by type only', async () => {
  assert.deepEqual(await violations(featureMeetsFeature), [])
})

test('services and stores know nothing of HTTP', async () => {
  assert.deepEqual(await violations(serviceSpeaksHttp), [])
})

test('only the database layer runs Prisma', async () => {
  assert.deepEqual(await violations(prismaOutsideDatabase), [])
})

test('the client imports nothing of the server, and the server nothing of the client', async () => {
  assert.deepEqual(await violations(clientMeetsServer), [])
})

test('files and functions stay short enough to read', async () => {
  const sources = await sourceFiles()

  assert.deepEqual(
    [...sources].flatMap(([file, text]) => tooLong(file, text)),
    [],
  )
})

test('each import law goes red on a planted violation', () => {
  for (const [law, file, line, expected] of [
    [lookUp, 'src/platform/x.ts', "import { app } from '../app.ts'", 'src/app.ts'],
    [
      lookUp,
      'src/http/x.ts',
      "import {\n  a,\n} from '../features/a/service.ts'",
      'src/features/a/service.ts',
    ],
    [lookUp, 'src/config.ts', "await import('./services.ts')", 'src/services.ts'],
    [lookUp, 'src/app.ts', "export * from './main.ts'", 'src/main.ts'],
    [lookUp, 'src/app.ts', "import './main.ts'", 'src/main.ts'],
    [lookUp, 'src/odd.ts', '', 'stands on no floor'],
    [
      featureMeetsFeature,
      'src/features/a/service.ts',
      "import { b } from '../b/service.ts'",
      'src/features/b/service.ts',
    ],
    [
      serviceSpeaksHttp,
      'src/features/a/service.ts',
      "import { x } from '../../http/x.ts'",
      'src/http/x.ts',
    ],
    [
      serviceSpeaksHttp,
      'src/features/a/store.ts',
      "import type { FastifyRequest } from 'fastify'",
      'fastify',
    ],
    [
      serviceSpeaksHttp,
      'src/features/a/service.ts',
      "import jwt from '@fastify/jwt'",
      '@fastify/jwt',
    ],
    [
      prismaOutsideDatabase,
      'src/features/a/service.ts',
      "import { Prisma } from '../../generated/sqlite/client.ts'",
      'src/generated/sqlite/client.ts',
    ],
    [
      prismaOutsideDatabase,
      'src/http/x.ts',
      "import { Prisma } from '@prisma/client'",
      '@prisma/client',
    ],
    [clientMeetsServer, 'client/src/x.ts', "import { v7 } from 'uuid'", 'uuid'],
    [
      clientMeetsServer,
      'src/app.ts',
      "import type { User } from '../client/src/index.ts'",
      'client/src/index.ts',
    ],
  ] as const) {
    assert.deepEqual(law(file, importsOf(file, line)), [`${file}: ${expected}`], line)
  }
})

test('each import law lets what is allowed pass', () => {
  for (const [law, file, line] of [
    [lookUp, 'src/platform/x.ts', "import type { Config } from '../config.ts'"],
    [lookUp, 'src/features/a/x.ts', "import { b } from '../../http/b.ts'"],
    [featureMeetsFeature, 'src/features/a/service.ts', "import type { B } from '../b/service.ts'"],
    [featureMeetsFeature, 'src/features/a/service.ts', "import { c } from './c.ts'"],
    [clientMeetsServer, 'client/src/x.ts', "import createClient from 'openapi-fetch'"],
    [serviceSpeaksHttp, 'src/features/a/routes.ts', "import { x } from '../../http/x.ts'"],
    [
      prismaOutsideDatabase,
      'src/platform/database.ts',
      "import { P } from '../generated/sqlite/client.ts'",
    ],
  ] as const) {
    assert.deepEqual(law(file, importsOf(file, line)), [], line)
  }
})

test('a function that is too long is named, without the functions inside it', () => {
  const inner = `  function inner() {\n${'    work()\n'.repeat(MAX_FUNCTION_LINES)}  }\n`
  const outer = `export function outer() {\n${inner}${'  work()\n'.repeat(MAX_FUNCTION_LINES)}}\n`

  assert.deepEqual(tooLong('a.ts', outer), [])
  assert.deepEqual(tooLong('a.ts', outer.replace(/}\n$/, '  work()\n}\n')), [
    'a.ts:1 a function of 41 lines of its own',
  ])
  assert.deepEqual(tooLong('a.ts', '\n'.repeat(MAX_FILE_LINES + 1)), ['a.ts: 251 lines'])
})

type Law = (file: string, imports: Import[]) => string[]

async function violations(law: Law): Promise<string[]> {
  const sources = await sourceFiles()
  assert.ok(sources.size > 10, 'no sources found')
  return [...sources].flatMap(([file, text]) => law(file, importsOf(file, text)))
}

async function sourceFiles(): Promise<Map<string, string>> {
  const names = await Promise.all(['src', 'client/src'].map(namesIn))
  const files = names
    .flat()
    .filter((name) => name.endsWith('.ts') && !name.startsWith('src/generated/'))
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, ROOT), 'utf8')))
  return new Map(files.map((name, index) => [name, texts[index] ?? '']))
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(new URL(folder, ROOT), { recursive: true })
  return names.map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
}

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => {
    const from = groups?.from ?? groups?.later ?? ''
    const isFile = from.startsWith('.')
    const target = isFile ? posix.join(posix.dirname(file), from) : from
    return { target, isType: groups?.type !== undefined }
  })
}

function lookUp(file: string, imports: Import[]): string[] {
  if (CLIENT.test(file)) return []
  const own = floorOf(file)
  if (own < 0) return [`${file}: stands on no floor`]
  return named(
    file,
    imports.filter(({ target, isType }) => !isType && floorOf(target) > own),
  )
}

function floorOf(file: string): number {
  return FLOORS.findIndex((floor) => floor.test(file))
}

function featureMeetsFeature(file: string, imports: Import[]): string[] {
  const own = featureOf(file)
  if (own === undefined) return []
  return named(
    file,
    imports.filter(({ target, isType }) => !isType && (featureOf(target) ?? own) !== own),
  )
}

function featureOf(file: string): string | undefined {
  return /^src\/features\/([^/]+)\//.exec(file)?.[1]
}

/** Types of HTTP count too: a service that names a request has lost its independence. */
function serviceSpeaksHttp(file: string, imports: Import[]): string[] {
  if (featureOf(file) === undefined || DRAWERS_WITH_HTTP.test(file)) return []
  return named(
    file,
    imports.filter(({ target }) => /^(@fastify\/|fastify|src\/http\/|node:http)/.test(target)),
  )
}

function clientMeetsServer(file: string, imports: Import[]): string[] {
  const isForeign = ({ target }: Import) =>
    CLIENT.test(file) ? !CLIENT.test(target) && target !== 'openapi-fetch' : CLIENT.test(target)
  return named(file, imports.filter(isForeign))
}

function prismaOutsideDatabase(file: string, imports: Import[]): string[] {
  if (PRISMA_USERS.test(file) || file.startsWith('src/generated/')) return []
  return named(
    file,
    imports.filter(
      ({ target, isType }) =>
        !isType && /^(@prisma\/|src\/generated\/(sqlite|mysql)\/)/.test(target),
    ),
  )
}

function named(file: string, imports: Import[]): string[] {
  return imports.map(({ target }) => `${file}: ${target}`)
}

/** Counts on the formatter: a function ends at the first brace as deep as the line where it began. */
function tooLong(file: string, text: string): string[] {
  const lines = text.split('\n')
  const fileFault =
    lines.length - 1 > MAX_FILE_LINES && !LONG_FILES.has(file)
      ? [`${file}: ${lines.length - 1} lines`]
      : []
  const functions = lines.flatMap((line, index) => {
    const own = opensFunction(line) ? ownLines(lines, index) : 0
    return own > MAX_FUNCTION_LINES
      ? [`${file}:${index + 1} a function of ${own} lines of its own`]
      : []
  })
  return [...fileFault, ...functions]
}

function opensFunction(line: string): boolean {
  return /\bfunction\b.*[({]$|=> \{$/.test(line) && !isComment(line)
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line)
}

function ownLines(lines: string[], start: number): number {
  let own = 0
  for (let index = start + 1; index < endOf(lines, start); index++) {
    const line = lines[index] ?? ''
    if (opensFunction(line)) index = endOf(lines, index)
    else if (line.trim() !== '' && !isComment(line)) own++
  }
  return own
}

function endOf(lines: string[], start: number): number {
  const depth = /^\s*/.exec(lines[start] ?? '')?.[0] ?? ''
  const isEnd = (line: string) => line.startsWith(`${depth}}`) && !line.endsWith('{')
  const end = lines.findIndex((line, index) => index > start && isEnd(line))
  return end < 0 ? lines.length : end
}
