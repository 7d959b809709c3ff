import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import { databaseUrl } from '../../src/config/database-url.ts'
import { openDatabase } from '../../src/platform/database/open.ts'
import { createPasswords } from '../../src/platform/passwords/passwords.ts'
import { type Latchkey, openLatchkey } from '../../src/server.ts'
import type { Databases } from '../support/databases.ts'
import type { Bounds, Figures, Sampler } from '../support/interleaved.ts'
import { PASSWORD } from '../support/requests.ts'
import { CHEAP_HASHES, type Server, settingsFor, startLatchkey } from '../support/server.ts'
import type { Workspace } from '../support/workspace.ts'
import { type Filled, fill } from './fill.ts'
import type { Table } from './rows.ts'

/** A filled database with two servers on it: one as operators run it, one in this process. */
export type Dataset<Rows> = {
  size: number
  rows: Rows
  filled: Filled
  server: Server
  /** Its clock stands still at the moment that the rows lead up to. */
  inside: Latchkey
  /** Of the database on the disk. */
  bytes: () => number
}

/** One thing that is measured on datasets of several sizes. */
export type Operation<Rows> = {
  name: string
  /** Whether it must stay about as fast on the largest dataset. */
  isBounded: boolean
  prepare: (dataset: Dataset<Rows>) => Promise<Sampler>
  /** Undoes what the samples did. */
  undo?: (dataset: Dataset<Rows>) => Promise<unknown>
}

/** What grows: users with their sessions, or houses. */
export type Subject<Rows extends { tables: Table[]; newest: number }> = {
  name: 'users' | 'houses'
  /** The page in docs/ with the figures. */
  page: string
  /** How much slower the largest dataset may make a bounded operation. */
  maxGrowth: number
  bounds: { warmUp: Bounds; samples: Bounds }
  createRows: (newest: number, size: number, passwordHash: string) => Rows
  operations: Operation<Rows>[]
  /** Checks the datasets before they are measured. @throws Error */
  check?: (smallest: Dataset<Rows>) => Promise<void>
}

export type Line = { name: string; isBounded: boolean; figures: Figures[] }

/** Makes a database of a size, fills it, and opens both servers. */
export async function openDataset<Rows extends { tables: Table[]; newest: number }>(
  { name: subject, createRows }: Subject<Rows>,
  size: number,
  databases: Databases,
  { folder, onClose }: Workspace,
): Promise<Dataset<Rows>> {
  const name = `${subject}_${size}`
  const url = await databases.create(name)
  const own = join(folder, `${databases.kind}-${name}`)
  mkdirSync(join(own, 'uploads'), { recursive: true })
  const settings = { ...settingsFor(own, url), ...CHEAP_HASHES, LOG_LEVEL: 'silent' }
  const passwordHash = await createPasswords(loadConfig(settings).argon2).hash(PASSWORD)
  const rows = createRows(Date.now(), size, passwordHash)
  const bytes = () => databases.bytes(name)
  const database = await openDatabase({ address: databaseUrl(url) })
  await database.migrate()
  const filled = await fill(database, rows.tables, bytes).finally(database.close)
  const server = await startLatchkey(own, settings)
  onClose(server.stop)
  // With the same secret and the same name, its tokens are good for the server, too.
  const config = loadConfig({ ...settings, PUBLIC_URL: `http://localhost:${server.port}` })
  const masterSecrets = config.secrets ?? []
  const inside = await openLatchkey({ config, masterSecrets, clock: () => rows.newest })
  onClose(inside.close)
  return { size, rows, filled, server, inside, bytes }
}
