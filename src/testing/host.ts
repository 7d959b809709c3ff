import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../config/config.ts'
import type { Feature } from '../features/feature.ts'
import { createImages } from '../platform/images/images.ts'
import { type Latchkey, openLatchkey } from '../server.ts'
import { createFront } from './front.ts'
import { createPasskeyDevices } from './passkeys.ts'
import { refused } from './refusal.ts'
import { createSwitch } from './switch.ts'
import { copyEmptyDatabase } from './template.ts'
import type { StartOptions } from './types.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** Settings that make tests quick and quiet; the rest is as shipped. */
const QUICK = { NODE_ENV: 'test', ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', LOG_LEVEL: 'silent' }
/** The same for all, so that servers can share a database, and open it again. */
const SECRET = Buffer.from('latchkey/testing: this is not a secret')

/** One decoder for all servers of a process: to start it takes longer than most tests. */
const sharedImages = createImages()

export type Host = Awaited<ReturnType<typeof openHost>>

type Options = Pick<StartOptions, 'settings' | 'features'> & { port: number }

/** A server at a port of this machine, which can begin again with an empty database. */
export async function openHost({ settings = {}, features = [], port }: Options) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  const env = { ...QUICK, ...placeOf(folder, port), ...settings }
  const isOwnDatabase = settings.DATABASE_URL === undefined
  const config = loadConfig({ ...env, HOST: '127.0.0.1', PORT: String(port) })
  const masterSecrets = config.secrets ?? [SECRET]
  const basePath = config.http.publicUrl.path
  const [clock, front, database] = [createVirtualClock(), createFront(basePath), createSwitch()]
  const passkeys = createPasskeyDevices()
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })

  async function open(): Promise<Latchkey> {
    if (isOwnDatabase) await copyEmptyDatabase(join(folder, 'latchkey.db'))
    const opened = await openLatchkey({
      ...{ config, masterSecrets, clock, features: features as readonly Feature[] },
      // A copy, so that this server alone can be overloaded.
      images: { ...sharedImages },
      logStream: { write: (line) => void process.stderr.write(line) },
      onQuery: database.check,
    })
    front.guard(opened.app.server)
    await opened.listen().catch(async (error) => {
      await opened.close()
      throw error
    })
    return opened
  }

  let latchkey = await open().catch((error) => {
    removeFolder()
    throw error
  })
  let { hash } = latchkey.services.passwords

  async function close(): Promise<void> {
    await latchkey.close()
    removeFolder()
  }

  /** @throws ValidationFailed for a database that the caller has named */
  async function reset(): Promise<void> {
    if (!isOwnDatabase) throw refused(KEPT)
    await latchkey.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    clock.reset()
    passkeys.clear()
    latchkey = await open()
    hash = latchkey.services.passwords.hash
  }

  return {
    ...{ config, clock, front, database, passkeys, basePath, close, reset },
    url: `http://localhost:${port}${basePath}`,
    site: new URL(config.http.publicUrl.href),
    /** The server as it is now: another one after a reset. */
    get latchkey() {
      return latchkey
    },
    /** A password hash, even while the server is overloaded. */
    hash: (password: string) => hash(password),
  }
}

const KEPT =
  'reset() would empty the database that DATABASE_URL names. Leave DATABASE_URL out, or make a database for each run.'

function placeOf(folder: string, port: number) {
  return {
    PUBLIC_URL: `http://localhost:${port}`,
    DATABASE_URL: `file:${join(folder, 'latchkey.db')}`,
    UPLOADS_DIR: join(folder, 'uploads'),
  }
}
