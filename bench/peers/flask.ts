import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import type { Contender, Launch, Session } from '../compare/contender.ts'
import {
  bearer,
  databaseIn,
  environment,
  pathOf,
  plainRoutes,
  run,
  SECRET,
  settings,
} from './shared.ts'

const PYTHON_HOME = pathOf('../node_modules/.peers/python')
const REQUIREMENTS = pathOf('flask/requirements.txt')
const STAMP = `${PYTHON_HOME}/requirements.txt`

let installed: Promise<void> | undefined

function python(args: string[], env: Record<string, string> = {}): Launch {
  const command = `${PYTHON_HOME}/bin/python`
  return { command, args, cwd: pathOf('flask'), env: environment(env) }
}

/** A virtual environment with the packages, kept until bench/ is installed again. */
async function install(): Promise<void> {
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  rmSync(PYTHON_HOME, { recursive: true, force: true })
  mkdirSync(dirname(PYTHON_HOME), { recursive: true })
  const venv = { ...python(['-m', 'venv', PYTHON_HOME]), command: 'python3' }
  await run(venv, 'Python with venv is not installed')
  // Some machines name an index that they do not reach: ask each once, not five times.
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '0', '--no-deps', '--only-binary']
  await run(
    python([...pip, ':all:', '--requirement', REQUIREMENTS]),
    'pip could not install Flask and its packages',
  )
  writeFileSync(STAMP, wanted)
}

type Workers = { title: string; args: string[]; notes: string }

function createFlask({ title, args, notes }: Workers): Contender {
  const env = { JWT_SECRET: SECRET, PYTHONDONTWRITEBYTECODE: '1' }
  return {
    ...plainRoutes,
    name: `Flask-JWT-Extended under gunicorn (${title})`,
    operations: ['verify', 'me', 'login', 'refresh'],
    rotates: true,
    prisma: false,
    notes: `${notes} HS256, argon2-cffi, sqlite3 with a connection for each request. Uses all cores. No grace for a lost answer, no reuse detection, no revocation of access tokens, no budgets, no input schemas, no audit.`,
    prepare: async (folder) => {
      installed ??= install()
      await installed
      const own = { ...env, DATABASE_PATH: databaseIn(folder), SYNCHRONOUS: 'NORMAL' }
      const tables = python(['-c', 'import app; app.init_db()'], own)
      await run(tables, 'the tables for Flask could not be made')
    },
    launch: (options) => {
      const bind = `127.0.0.1:${options.port}`
      const gunicorn = ['-m', 'gunicorn', '--bind', bind, '--log-level', 'warning', ...args]
      return python([...gunicorn, 'app:app'], { ...env, ...settings(options) })
    },
    sessionOf: (text): Session => {
      const { access_token: access, refresh_token: refresh } = JSON.parse(text)
      return { access, refresh }
    },
    refresh: ({ refresh }) => bearer('POST', '/refresh', refresh),
  }
}

const cores = availableParallelism()

export const flask: Contender[] = [
  createFlask({
    title: `${2 * cores + 1} sync workers`,
    args: ['--workers', `${2 * cores + 1}`],
    notes: 'Two workers for each core and one more, as the guide of gunicorn advises.',
  }),
  createFlask({
    title: `${cores} workers with 4 threads`,
    // Longer than the pauses between two measurements.
    args: ['--workers', `${cores}`, '--threads', '4', '--keep-alive', '75'],
    notes: 'Threads keep connections open, which sync workers do not.',
  }),
]
