import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../scripts/build.mjs'
import type { Contender, HttpRequest, Launch, LaunchOptions, Session } from './contender.ts'
import { startServer } from './server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PARTS = ['dist', 'prisma', 'package.json']
const READY_PATH = '/livez'
const JSON_TYPE = { 'content-type': 'application/json' }

const LATCHKEY = 'Latchkey'
export const LATCHKEY_LOGGING = 'Latchkey, LOG_LEVEL=info'

type Needs = {
  name?: string
  /** Where `copyBuild` put the server; only who launches it needs this. */
  build?: string
  /** A MySQL database of its own; without it a SQLite file in the folder of the launch. */
  databaseUrl?: string | undefined
  settings?: Record<string, string>
}

/** Builds the server and copies it, so that a build beside the run changes nothing. */
export async function copyBuild(folder: string): Promise<string> {
  await ensureBuilt()
  const target = join(folder, 'latchkey-build')
  mkdirSync(target)
  for (const part of PARTS) cpSync(join(ROOT, part), join(target, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules'))
  return target
}

/** Latchkey as one of the servers that are compared. */
export function createLatchkey(needs: Needs = {}): Contender {
  const secret = randomBytes(48).toString('base64url')
  const launch = ({ port, folder }: Pick<LaunchOptions, 'port' | 'folder'>): Launch => ({
    command: process.execPath,
    args: [join(needs.build ?? ROOT, 'dist', 'main.js')],
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: needs.databaseUrl ?? `file:${join(folder, 'latchkey.db')}`,
      SECRET: secret,
      PUBLIC_URL: `http://localhost:${port}`,
      PORT: `${port}`,
      // The load comes from one address. Production refuses this setting, and differs in nothing
      // else but in which settings it refuses: NODE_ENV is left out.
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'warn',
      ...needs.settings,
    },
  })
  return {
    name: needs.name ?? LATCHKEY,
    operations: ['verify', 'me', 'login', 'refresh'],
    rotates: true,
    prisma: true,
    notes: 'ES256, argon2id, Prisma 7; every refresh rotates and is synced to the disk.',
    readyPath: READY_PATH,
    // Its first start makes the database.
    prepare: async (folder) =>
      (await startServer((port) => launch({ port, folder }), READY_PATH)).stop(),
    launch,
    register: ({ username, email, password }) =>
      post('/register', JSON.stringify({ username, email, password })),
    login: ({ username, password }) => post('/login', JSON.stringify({ username, password })),
    sessionOf: (text) => {
      const { access_token, refresh_token } = JSON.parse(text)
      return { access: access_token, refresh: refresh_token }
    },
    verify: (session) => get('/verify', session),
    me: (session) => get('/me', session),
    refresh: ({ refresh }) => post('/refresh', JSON.stringify({ refresh_token: refresh })),
  }
}

/** Ends a session. The other servers are not asked for this. */
export function logoutRequest({ access }: Session): HttpRequest {
  return { method: 'POST', path: '/logout', headers: { authorization: `Bearer ${access}` } }
}

function post(path: string, body: string): HttpRequest {
  return { method: 'POST', path, headers: JSON_TYPE, body }
}

function get(path: string, { access }: Session): HttpRequest {
  return { method: 'GET', path, headers: { authorization: `Bearer ${access}` } }
}
