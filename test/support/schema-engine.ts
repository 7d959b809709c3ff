import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils'
import * as engineCode from '@prisma/schema-engine-wasm/schema_engine_bg'

// Node's types leave it to those of browsers.
type Instantiation = {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>
}

const schemaPath = new URL('../../prisma/schema.prisma', import.meta.url)
const migrationsPath = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))
const filters = { externalTables: [], externalEnums: [] }

/**
 * What Prisma's own schema engine, the one behind `prisma migrate`, thinks of a SQLite database.
 */
export async function openSchemaEngine(adapter: SqlDriverAdapterFactory) {
  started ??= startEngine()
  await started
  const content = await readFile(schemaPath, 'utf8')
  const files = [{ path: 'schema.prisma', content }]
  const connect = () => connectShared(adapter)
  const engine = await engineCode.SchemaEngine.new(
    { datamodels: [['schema.prisma', content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory({ ...adapter, connect, connectToShadowDb: connect }),
  )

  /** The SQL that is missing to make the database what prisma/schema.prisma says. */
  async function difference(): Promise<string> {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters,
    })
    return stdout?.trim() ?? ''
  }

  /**
   * What `prisma migrate status` finds: edited and failed migrations, and the gap in the history.
   */
  async function status() {
    const migrationsList = await listMigrations()
    return engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters,
    })
  }

  /** What `prisma migrate deploy` does. @returns the names that it applied */
  async function deploy(): Promise<string[]> {
    const migrationsList = await listMigrations()
    return (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames
  }

  return { difference, status, deploy }
}

// The engine would lock everybody else out, and with them our own second connection.
async function connectShared(factory: SqlDriverAdapterFactory): Promise<SqlDriverAdapter> {
  const adapter = await factory.connect()
  const isLocking = ({ sql }: SqlQuery) => sql.startsWith('PRAGMA main.locking_mode')
  return {
    ...adapter,
    executeRaw: async (query) => (isLocking(query) ? 0 : adapter.executeRaw(query)),
  }
}

async function listMigrations(): Promise<engineCode.MigrationList> {
  const entries = await readdir(migrationsPath, { withFileTypes: true })
  const directories = entries.filter((entry) => entry.isDirectory())
  return {
    baseDir: migrationsPath,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "sqlite"' },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(directories.map(({ name }) => readMigration(name))),
  }
}

async function readMigration(path: string): Promise<engineCode.MigrationDirectory> {
  const value = await readFile(`${migrationsPath}/${path}/migration.sql`, 'utf8')
  return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } }
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
