import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bearer, type HttpRequest, post } from '../support/requests.ts'
import { type Launch, startServer } from '../support/server.ts'
import type { AnswerHeaders, LaunchOptions, Session, Target } from './target.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const READY_PATH = '/livez'
const DEVICE = /^(__Host-)?latchkey-device=/

export const LATCHKEY = 'Latchkey'

type Options = {
  name?: string
  /** The checkout whose dist/ runs. */
  build?: string
  /** A MySQL database of its own; without it a SQLite file in the folder of the launch. */
  databaseUrl?: string | undefined
  /** More settings, by their names. */
  settings?: Record<string, string>
}

/** Latchkey as one of the servers that are compared. */
export function createLatchkey(options: Options = {}): Target {
  const secret = randomBytes(48).toString('base64url')
  const launch = ({ port, folder }: Pick<LaunchOptions, 'port' | 'folder'>): Launch => ({
    command: process.execPath,
    args: [join(options.build ?? ROOT, 'dist', 'main.js')],
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: options.databaseUrl ?? `file:${join(folder, 'latchkey.db')}`,
      SECRET: secret,
      PUBLIC_URL: `http://localhost:${port}`,
      PORT: `${port}`,
      // The load comes from one address. Production refuses this setting, and differs in nothing
      // else but in which settings it refuses: NODE_ENV is left out.
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'warn',
      // Each refresh rotates, as with the peers; otherwise most would repeat the last answer.
      REFRESH_GRACE: '0s',
      ...options.settings,
    },
  })
  return {
    name: options.name ?? LATCHKEY,
    operations: ['verify', 'me', 'login', 'refresh'],
    rotates: true,
    readyPath: READY_PATH,
    // Its first start makes the database.
    prepare: async (folder) =>
      (await startServer((port) => launch({ port, folder }), READY_PATH)).stop(),
    launch,
    register: (person) => post('/register', person),
    // As a browser does: nobody is mailed about a sign-in on a device that is known.
    login: ({ username, password }, { device }) =>
      post('/login', { username, password }, device ? { cookie: device } : {}),
    sessionOf: (text, headers) => {
      const { access_token, refresh_token } = JSON.parse(text)
      return { access: access_token, refresh: refresh_token, device: deviceIn(headers) }
    },
    verify: ({ access }) => bearer('GET', '/verify', access),
    me: ({ access }) => bearer('GET', '/me', access),
    refresh: ({ refresh }) => post('/refresh', { refresh_token: refresh }),
  }
}

/** The device cookie of an answer that sets one. */
function deviceIn({ 'set-cookie': cookies = [] }: AnswerHeaders): string | undefined {
  const device = [cookies].flat().find((cookie) => DEVICE.test(cookie))
  return device?.split(';', 1)[0]
}

/** Ends a session. The other servers are not asked for this. */
export function logoutRequest({ access }: Session): HttpRequest {
  return bearer('POST', '/logout', access)
}
