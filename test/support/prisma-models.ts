import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DMMF } from '@prisma/client/runtime/client'

export type Models = DMMF.Datamodel

const GENERATOR = fileURLToPath(new URL('./models-generator.mjs', import.meta.url))
/** What the models leave out, so that a table made from them would lack it in silence. */
const LEFT_OUT = /\bUnsupported\(|@ignore\b|^view\s|@relation\([^)]*\bmap:/

/** The models of a schema for MySQL as Prisma itself reads them, which also validates it. */
export async function readModels(schema: string): Promise<Models> {
  refuseLeftOut(schema)
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-models-'))
  try {
    const path = join(folder, 'schema.prisma')
    const file = join(folder, 'models.json')
    await writeFile(path, withGenerator(schema))
    await runGenerate(path, file)
    return JSON.parse(await readFile(file, 'utf8'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function refuseLeftOut(schema: string): void {
  for (const line of schema.split('\n')) {
    const found = LEFT_OUT.exec(line.replace(/\/\/.*/, ''))?.[0]
    if (found)
      throw new Error(`The check of the MySQL schema cannot read "${found}": ${line.trim()}
Do without it, or teach it test/support/prisma-models.ts and mysql-ddl.ts.`)
  }
}

function withGenerator(schema: string): string {
  const provider = JSON.stringify(`node "${GENERATOR}"`)
  const others = schema.replace(/^generator \w+ \{\n.*?^\}\n/gms, '')
  return `${others}\ngenerator models {\n  provider = ${provider}\n}\n`
}

async function runGenerate(path: string, file: string): Promise<void> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build')
  const env = {
    ...process.env,
    MODELS_FILE: file,
    NO_COLOR: '1',
    // Generating runs no schema engine, but would download one.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  }
  const args = [join(cli, 'index.js'), 'generate', '--no-hints', '--schema', path]
  await promisify(execFile)(process.execPath, args, { cwd: dirname(path), env, timeout: 60_000 })
}
