import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LaunchOptions, Session, Target } from '../load/target.ts'
import { bearer, post } from '../support/requests.ts'
import type { Launch } from '../support/server.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const PREPARE_MS = 300_000
/** Long enough for every algorithm that the peers sign with. */
export const SECRET = 'a secret of the benchmark, known to everybody who reads this'

/** What is measured runs as in production, and sees nothing else of this process's settings. */
function environment(own: Record<string, string>): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, NODE_ENV: 'production', ...own }
}

/** The settings that every server takes. */
export function settings({ port, folder, synchronous }: LaunchOptions) {
  return { PORT: `${port}`, DATABASE_PATH: databaseIn(folder), SYNCHRONOUS: synchronous }
}

export function databaseIn(folder: string): string {
  return join(folder, 'peer.db')
}

/** A script of the peers, run by this version of Node. */
export function node(script: string, env: Record<string, string>, args: string[] = []): Launch {
  const path = join(FOLDER, script)
  return { command: process.execPath, args: [path, ...args], cwd: FOLDER, env: environment(env) }
}

/** Runs a program to its end. @throws Error with one sentence and what the program said last */
export async function run({ command, args, cwd, env }: Launch, failure: string): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd, env, timeout: PREPARE_MS })
  } catch (error) {
    // The message of execFile ends with what the program wrote to standard error.
    const said = (error as Error).message.trim().split('\n').slice(-3).join(' ')
    throw new Error(`${failure}: ${said}`, { cause: error })
  }
}

type Requests = Pick<
  Target,
  'readyPath' | 'register' | 'login' | 'sessionOf' | 'verify' | 'me' | 'refresh'
>

/** The routes of the peers that are written here: the same for all, with a token in a JSON body. */
export const plainRoutes: Requests = {
  readyPath: '/ready',
  register: (person) => post('/register', person),
  login: ({ username, password }) => post('/login', { username, password }),
  sessionOf: (text): Session => {
    const { accessToken, refreshToken } = JSON.parse(text)
    return { access: accessToken, refresh: refreshToken }
  },
  verify: ({ access }) => bearer('GET', '/verify', access),
  me: ({ access }) => bearer('GET', '/me', access),
  refresh: ({ refresh }) => post('/refresh', { refreshToken: refresh }),
}
