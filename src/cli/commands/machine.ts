import type { MigrationState } from '../../platform/database/migrations.ts'
import { columns } from '../output.ts'
import { readDotEnv, readSettings, withServicesOf } from '../server.ts'
import { type Given, type Result, UsageError, type Word } from '../word.ts'

/** What `npm start` starts. */
export const serve: Word = {
  usage: 'serve',
  about: 'start the server, with its workers, until a signal stops it',
  examples: ['serve'],
  run: async () => {
    await import('../../main.ts')
    return undefined
  },
}

export const migrate: Word = {
  usage: 'migrate',
  about: 'apply pending migrations',
  options: { '--status': 'only list what is applied and what is pending' },
  examples: ['migrate', 'migrate --status'],
  run: async (given) => {
    const config = await readSettings(given)
    const { migrationStatus } = await import('../../platform/database/migration-status.ts')
    const { foreignKeys } = config.migrations
    const migrations = await migrationStatus({ address: config.database, foreignKeys })
    if (given.options.status === true) return statusOf(migrations)
    // Opening the server applies them, also with MIGRATE=off, and creates missing keys.
    const applying = { ...config, migrations: { foreignKeys, atStart: true } }
    await withServicesOf(applying, given.io, async () => undefined)
    const applied = namesOf(migrations, 'pending')
    return { text: 'The database is up to date.', json: { applied } }
  },
}

const namesOf = (migrations: MigrationState[], wanted: MigrationState['state']) =>
  migrations.filter(({ state }) => state === wanted).map(({ name }) => name)

function statusOf(migrations: MigrationState[]): Result {
  const count = (state: MigrationState['state']) => namesOf(migrations, state).length
  const isNewer = count('newer') > 0
  const lines = [
    columns(migrations.map(({ name, state }) => [state, name])),
    `${count('applied')} applied, ${count('pending')} pending.`,
    ...(isNewer ? ['The database is newer than this version of Latchkey.'] : []),
  ]
  return { text: lines.join('\n'), json: { isNewer, migrations } }
}

export const doctor: Word = {
  usage: 'doctor',
  about: 'check the settings, the database, Redis, each provider, and the cookies of a frontend',
  options: { '--origin <origin>': 'where the frontend is, such as https://app.example.org' },
  examples: ['doctor', 'doctor --origin http://localhost:5173'],
  run: async (given) => {
    const { io, options } = given
    const { origin } = options
    const { runDoctor, withServices } = await import('../../doctor/command.ts')
    const { examineServices } = await import('../../doctor/services.ts')
    const args = typeof origin === 'string' ? ['--origin', origin] : []
    const inFile = await readDotEnv(io.env)
    const outcome = runDoctor(args, io.env, inFile)
    if (outcome.exitCode === 2) throw wrongUse('doctor', outcome.text, given)
    const { text, exitCode, findings } = withServices(outcome, await examineServices(io.env))
    return { text, exitCode, json: { works: exitCode === 0, findings } }
  },
}

export const calibrate: Word = {
  usage: 'calibrate',
  about: 'propose the cost of a password hash for this machine',
  options: {
    '--target <time>': 'how long one hash may take, from 10ms to 1000ms; 250ms if not given',
  },
  examples: ['calibrate', 'calibrate --target 400ms'],
  run: async (given) => {
    const { io, isJson, options } = given
    const { target } = options
    const { runCalibrate } = await import('../../calibrate/command.ts')
    // Node reads it before `.env`, so only the environment counts.
    const poolThreads = Number(io.env.UV_THREADPOOL_SIZE ?? 4)
    const print = (line: string) => (isJson ? undefined : io.out(`${line}\n`))
    const args = typeof target === 'string' ? ['--target', target] : []
    const { text, exitCode, figures } = await runCalibrate(args, { poolThreads, print })
    if (exitCode === 2) throw wrongUse('calibrate', text, given)
    return { text, json: figures }
  },
}

/** As the parser says of other commands. */
function wrongUse(name: string, text: string, { isJson }: Given): UsageError {
  return new UsageError(isJson ? text : `${text}\n\nUsage: latchkey ${name} [options]`)
}
