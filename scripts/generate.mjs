// Makes src/generated: both Prisma clients, and the module of /client.js; and the migrations without
// foreign keys. Plain JavaScript, so that it runs before anything is built.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { generateClientModule } from './client-module.mjs'
import { deriveWithoutForeignKeys } from './without-foreign-keys.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sourceSchema = join(root, 'prisma/schema.prisma')
const mysqlSchema = join(root, 'prisma/mysql/schema.prisma')
const generated = join(root, 'src/generated')
const stampFile = join(generated, '.stamp')

/** Generates what is not current. @returns whether anything was */
export async function generate() {
  const isNew = await generatePrismaClients()
  const isDerived = await deriveWithoutForeignKeys(await readFile(mysqlSchema, 'utf8'))
  return (await generateClientModule()) || isDerived || isNew
}

async function generatePrismaClients() {
  const source = await readFile(sourceSchema, 'utf8')
  const stamp = await fingerprint(source)
  if (existsSync(mysqlSchema) && (await readFile(stampFile, 'utf8').catch(() => '')) === stamp)
    return false
  await rm(generated, { recursive: true, force: true })
  await mkdir(dirname(mysqlSchema), { recursive: true })
  await writeFile(mysqlSchema, deriveMysqlSchema(source))
  await Promise.all([runPrismaGenerate(sourceSchema), runPrismaGenerate(mysqlSchema)])
  await writeFile(stampFile, stamp)
  return true
}

/** The MySQL schema: `/// @mysql @db.X` at the end of a field becomes the attribute `@db.X`. */
export function deriveMysqlSchema(source) {
  const derived = source
    .replace(/^\/\/ The only schema edited by hand[^\n]*\n(\/\/[^\n]*\n)*/, '')
    .replace('provider = "sqlite"', 'provider = "mysql"')
    .replace('"../src/generated/sqlite"', '"../../src/generated/mysql"')
    .replace(/\/\/\/ @mysql (@db\.\S+)/g, '$1')
  return `// Derived from ../schema.prisma by scripts/generate.mjs: edit that one.\n\n${derived.trimStart()}`
}

async function fingerprint(source) {
  const hash = createHash('sha256').update(source)
  hash.update(await readFile(fileURLToPath(import.meta.url)))
  for (const name of ['prisma', '@prisma/client']) {
    hash.update(await readFile(join(root, 'node_modules', name, 'package.json')))
  }
  return hash.digest('hex')
}

async function runPrismaGenerate(schema) {
  const require = createRequire(import.meta.url)
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  const env = {
    ...process.env,
    // Generating runs no schema engine, but would download one.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  }
  const args = [cli, 'generate', '--no-hints', '--schema', schema]
  try {
    await promisify(execFile)(process.execPath, args, { cwd: root, env, timeout: 120_000 })
  } catch (error) {
    throw new Error(
      `prisma generate failed for ${schema}:\n${error.stdout ?? ''}${error.stderr ?? ''}`,
      {
        cause: error,
      },
    )
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await generate()
