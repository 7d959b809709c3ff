// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  circles,
  type Import,
  importGraph,
  importsOf,
  MAX_FILE_LINES,
  MAX_FUNCTION_LINES,
  reachableFrom,
  sourceFiles,
  tooLong,
} from './support/sources.ts'

// The import laws of CONTRIBUTING.md: floors and features look down, no circles, services stay off
// HTTP.

const FLOORS = [
  /^src\/(generated|languages)\//,
  /^src\/platform\//,
  /^src\/config\//,
  /^src\/contract\//,
  /^src\/http\//,
  /^src\/features\//,
  /^src\/(features|error-table|rate-limits)\.ts$/,
  /^src\/services\.ts$/,
  /^src\/(jobs|routes)\.ts$/,
  /^src\/server\.ts$/,
  /^src\/testing\//,
  /^src\/(main|cli)\.ts$|^src\/(cli|doctor|calibrate)\//,
]
/** The order of those that every sign-in passes through, and of the samples: lowest first. */
const ORDERS = [
  ['users', 'tokens', 'sessions', 'sign-in', 'email', 'accounts', 'password'],
  ['houses', 'photos'],
]
/** The manifest of a feature, which alone may take values of another feature: of its manifest. */
const MANIFEST = /^src\/features\/[^/]+\/feature\.ts$/
const DRAWERS_WITH_HTTP =
  /\/([a-z-]+-)?(routes|schemas|guard|access-tokens|feature)\.ts$|^src\/features\/(openapi|problems|health)\/|^src\/features\/feature\.ts$/
/** Words of features. A library, the wire or a text of an error may use some of them below. */
const FEATURE_WORDS = /^(house|login|photo|refresh|register)s?$/
const SAME_WORDS: Record<string, string[]> = {
  'src/platform/errors/api-error.ts': ['login', 'refresh'],
  'src/platform/identity.ts': ['login'],
  'src/platform/images/images.ts': ['photos'],
  'src/platform/metrics.ts': ['register', 'registers'],
  'src/platform/redis/client.ts': ['refresh'],
}
const PRISMA_USERS = /^src\/platform\/database\//
/** It runs in browsers and phones, where nothing of the server may come along. */
const CLIENT = /^client\/src\//
test('every file of src stands on a floor and imports only from its own floor or below', async () => {
  assert.deepEqual(await violations(lookUp), [])
})

test('features meet by type only', async () => {
  assert.deepEqual(await violations(featureMeetsFeature), [])
})

test('a feature imports only from those that its feature.ts needs', async () => {
  const needs = needsOfFeatures(await sourceFiles())

  assert.deepEqual(await violations(unneeded(needs)), [])
})

test('sign-in and the samples are built one way, from the lowest to the highest', async () => {
  const needs = needsOfFeatures(await sourceFiles())

  for (const order of ORDERS) {
    for (const [index, lower] of order.entries()) {
      const above = order.slice(index + 1).filter((other) => needs.get(lower)?.has(other))
      assert.deepEqual(above, [], `${lower} must not need what is above it`)
    }
  }
})

test('no import leads back to where it starts, types included', async () => {
  assert.deepEqual(circles(importGraph(await sourceFiles())), [])
})

test('services and stores know nothing of HTTP', async () => {
  assert.deepEqual(await violations(serviceSpeaksHttp), [])
})

test('only the database layer runs Prisma', async () => {
  assert.deepEqual(await violations(prismaOutsideDatabase), [])
})

test('no feature names a database product', async () => {
  const sources = await sourceFiles()

  assert.deepEqual(
    [...sources].flatMap(([file, text]) => databaseProducts(file, text)),
    [],
  )
  assert.deepEqual(databaseProducts('src/features/a/x.ts', "\nprovider === 'mysql'"), [
    'src/features/a/x.ts:2 names a product; give it a word in platform/database/dialect.ts',
  ])
})

test('the client imports nothing of the server, and the server nothing of the client', async () => {
  assert.deepEqual(await violations(clientMeetsServer), [])
})

test('platform has no word of a feature', async () => {
  assert.deepEqual(
    [...(await sourceFiles())].flatMap(([file, text]) => featureWords(file, text)),
    [],
  )
  const planted =
    "// photos\nconst a = { login_device: 1, housesMax: 2, b: 'register' }\n/** login */"
  const file = 'src/platform/x.ts'
  assert.deepEqual(
    featureWords(file, planted),
    ['login', 'houses', 'register'].map((word) => `${file}: ${word}`),
  )
  assert.deepEqual(
    featureWords('src/platform/metrics.ts', "const a = { register, title: 'warehouse' }"),
    [],
  )
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
    [lookUp, 'src/platform/x.ts', "import { app } from '../routes.ts'", 'src/routes.ts'],
    [
      lookUp,
      'src/http/x.ts',
      "import {\n  a,\n} from '../features/a/service.ts'",
      'src/features/a/service.ts',
    ],
    [lookUp, 'src/config/config.ts', "await import('../services.ts')", 'src/services.ts'],
    [lookUp, 'src/routes.ts', "export * from './main.ts'", 'src/main.ts'],
    [lookUp, 'src/routes.ts', "import './main.ts'", 'src/main.ts'],
    [lookUp, 'src/server.ts', "import('./testing/index.ts')", 'src/testing/index.ts'],
    [lookUp, 'src/odd.ts', '', 'stands on no floor'],
    [
      featureMeetsFeature,
      'src/features/a/service.ts',
      "import { b } from '../b/service.ts'",
      'src/features/b/service.ts',
    ],
    [
      featureMeetsFeature,
      'src/features/a/service.ts',
      "import { b } from '../b/feature.ts'",
      'src/features/b/feature.ts',
    ],
    [
      featureMeetsFeature,
      'src/features/a/feature.ts',
      "import { b } from '../b/service.ts'",
      'src/features/b/service.ts',
    ],
    [
      unneeded(new Map([['a', new Set(['c'])]])),
      'src/features/a/service.ts',
      "import type { B } from '../b/service.ts'",
      'src/features/b/service.ts is of a feature that src/features/a/feature.ts does not need; add it to its `needs`, or take what you use as an argument',
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
      'src/routes.ts',
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
    [featureMeetsFeature, 'src/features/a/feature.ts', "import { b } from '../b/feature.ts'"],
    [
      unneeded(new Map([['a', new Set(['b'])]])),
      'src/features/a/x.ts',
      "import type { B } from '../b/service.ts'",
    ],
    [unneeded(new Map()), 'src/features/a/x.ts', "import { b } from './b.ts'"],
    [clientMeetsServer, 'client/src/x.ts', "import createClient from 'openapi-fetch'"],
    [serviceSpeaksHttp, 'src/features/a/routes.ts', "import { x } from '../../http/x.ts'"],
    [
      prismaOutsideDatabase,
      'src/platform/database/database.ts',
      "import { P } from '../generated/sqlite/client.ts'",
    ],
  ] as const) {
    assert.deepEqual(law(file, importsOf(file, line)), [], line)
  }
})

test('a circle of any length and any kind of import is named by its files', () => {
  const planted = (files: Record<string, string>) =>
    circles(importGraph(new Map(Object.entries(files))))

  assert.deepEqual(
    planted({
      'src/a.ts': "import type { B } from './b/b.ts'",
      'src/b/b.ts': "export * from '../c.ts'",
      'src/c.ts': "await import('./a.ts')",
      'src/d.ts': "import { a } from './a.ts'",
    }),
    ['src/a.ts src/b/b.ts src/c.ts'],
  )
  assert.deepEqual(
    planted({ 'client/src/a.ts': "import './b.ts'", 'client/src/b.ts': "import './a.ts'" }),
    ['client/src/a.ts client/src/b.ts'],
  )
  assert.deepEqual(planted({ 'src/a.ts': "import './b.ts'", 'src/b.ts': '' }), [])
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
  const areManifests = (target: string) => MANIFEST.test(file) && MANIFEST.test(target)
  return named(
    file,
    imports.filter(
      ({ target, isType }) =>
        !isType && (featureOf(target) ?? own) !== own && !areManifests(target),
    ),
  )
}

/** The features that each one needs, and those that these need. */
function needsOfFeatures(sources: Map<string, string>): Map<string, Set<string>> {
  const manifests = [...importGraph(sources)].filter(([file]) => MANIFEST.test(file))
  const direct = new Map(
    manifests.map(([file, targets]) => [featureOf(file) ?? '', targets.flatMap(neededBy)]),
  )
  return new Map([...direct.keys()].map((name) => [name, reachableFrom(direct, name)]))
}

function neededBy(target: string): string[] {
  return MANIFEST.test(target) ? [featureOf(target) ?? ''] : []
}

function unneeded(needs: Map<string, Set<string>>): Law {
  return (file, imports) => {
    const own = featureOf(file)
    if (own === undefined) return []
    return imports.flatMap(({ target }) => {
      const other = featureOf(target) ?? own
      if (other === own || needs.get(own)?.has(other)) return []
      const fix = 'add it to its `needs`, or take what you use as an argument'
      return [
        `${file}: ${target} is of a feature that src/features/${own}/feature.ts does not need; ${fix}`,
      ]
    })
  }
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

/** In names and texts, not in comments: `housesMax` has the word `houses`. */
function featureWords(file: string, text: string): string[] {
  if (!file.startsWith('src/platform/')) return []
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const words = (code.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).map((word) =>
    word.toLowerCase(),
  )
  const found = words.filter(
    (word) => FEATURE_WORDS.test(word) && !SAME_WORDS[file]?.includes(word),
  )
  return [...new Set(found)].map((word) => `${file}: ${word}`)
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

/** Types of rows are made from the one schema, so that their import says nothing. */
function databaseProducts(file: string, text: string): string[] {
  if (featureOf(file) === undefined) return []
  return text.split('\n').flatMap((line, index) => {
    const isNamed =
      /sqlite|mysql|mariadb|innodb/i.test(line) && !line.includes('/generated/sqlite/')
    const fix = 'names a product; give it a word in platform/database/dialect.ts'
    return isNamed ? [`${file}:${index + 1} ${fix}`] : []
  })
}

function named(file: string, imports: Import[]): string[] {
  return imports.map(({ target }) => `${file}: ${target}`)
}
