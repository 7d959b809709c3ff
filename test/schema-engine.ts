import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import * as engineCode from '@prisma/schema-engine-wasm/schema_engine_bg'

type DiffTarget = engineCode.DiffTarget

// Node's types leave it to those of browsers.
type Instantiation = {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>
}

const schemaPath = new URL('../prisma/schema.prisma', import.meta.url)

/**
 * The SQL that turns what is in a SQLite database (an empty one without an adapter) into what
 * prisma/schema.prisma describes, by Prisma's own schema engine. Empty when nothing is missing.
 */
export async function schemaDifference(adapter: SqlDriverAdapterFactory, isEmpty = false) {
  started ??= startEngine()
  await started
  const content = await readFile(schemaPath, 'utf8')
  const files = [{ path: 'schema.prisma', content }]
  const bound = bindMigrationAwareSqlAdapterFactory({
    ...adapter,
    connectToShadowDb: () => adapter.connect(),
  })
  const engine = await engineCode.SchemaEngine.new(
    { datamodels: [['schema.prisma', content]] },
    () => undefined,
    bound,
  )
  const from: DiffTarget = isEmpty
    ? { tag: 'empty' }
    : { tag: 'schemaDatasource', files, configDir: '.' }
  const { stdout } = await engine.diff({
    from,
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return stdout ?? ''
}

// Once for the process: a second start would take the memory away from engines of the first.
let started: Promise<void> | undefined

// The package's entry imports its WebAssembly file as a module, which Node 20 cannot.
async function startEngine(): Promise<void> {
  const require = createRequire(import.meta.url)
  const code = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(code.replace(/\.js$/, '.wasm'))
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Instantiation }
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': engineCode,
  })
  engineCode.__wbg_set_wasm(instance.exports)
  const { __wbindgen_start: start } = instance.exports
  if (typeof start === 'function') start()
}
