import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { loadConfig } from '../../src/config.ts'
import { type Latchkey, openLatchkey } from '../../src/latchkey.ts'
import { openDatabase } from '../../src/platform/database.ts'
import { createPasswords } from '../../src/platform/passwords.ts'
import { PASSWORD } from '../requests.ts'
import { launchBuilt, type ServerProcess } from '../server-process.ts'
import { type Filled, fill } from './fill.ts'
import type { Place, Raw } from './places.ts'
import { createRows, type Rows } from './rows.ts'

/** So many users, a server as operators run it, and another one in this process, on one database. */
export type World = {
  name: string
  rows: Rows
  filled: Filled
  server: ServerProcess
  /** Keeps one connection to the server. */
  agent: Agent
  /** Its clock stands still at the moment that the rows lead up to. */
  inside: Latchkey
  raw: Raw
}

/** What was opened and must be closed again, the last first. */
export type Leavings = (() => unknown)[]

/** The cheapest hash there is, so that a sign-in shows what the database takes. */
const COST = { memoryKib: 8, time: 1, parallelism: 1 }
const TOKEN_TTL = '12h'

/** A database with so many users and a server of either kind on it. */
export async function openWorld(
  place: Place,
  users: number,
  scratch: string,
  leavings: Leavings,
): Promise<World> {
  const name = `users_${users}`
  const url = await place.url(name)
  await migrate(url)
  const passwordHash = await createPasswords(COST).hash(PASSWORD)
  const rows = createRows(Date.now(), users, passwordHash)
  const filled = await fill(place, name, rows)
  const settings = settingsFor(join(scratch, name), url)
  const server = await launchBuilt(join(scratch, name), settings)
  leavings.push(server.stop)
  const inside = await openInside(settings, server, rows.newest)
  leavings.push(inside.close)
  const raw = await place.raw(name)
  leavings.push(raw.close)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  leavings.push(() => agent.destroy())
  return { name, rows, filled, server, agent, inside, raw }
}

async function migrate(url: string): Promise<void> {
  const database = await openDatabase({ url })
  await database.migrate().finally(database.close)
}

type Settings = ReturnType<typeof settingsFor>

function settingsFor(folder: string, url: string) {
  const uploads = join(folder, 'uploads')
  mkdirSync(uploads, { recursive: true })
  return {
    DATABASE_URL: url,
    SECRET: randomBytes(48).toString('base64url'),
    UPLOADS_DIR: uploads,
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'silent',
    ACCESS_TOKEN_TTL: TOKEN_TTL,
    ARGON2_MEMORY_KIB: `${COST.memoryKib}`,
    ARGON2_TIME: `${COST.time}`,
    ARGON2_PARALLELISM: `${COST.parallelism}`,
  }
}

/** Its tokens are good for the server, too: it has the same secret and the same name. */
async function openInside(
  settings: Settings,
  { base }: ServerProcess,
  now: number,
): Promise<Latchkey> {
  const config = loadConfig({
    ...settings,
    PUBLIC_URL: `http://localhost:${new URL(base).port}`,
  })
  return openLatchkey({
    config,
    masterSecrets: config.secrets ?? [],
    clock: () => now,
  })
}
