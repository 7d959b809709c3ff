import { loadConfig } from './config/config.ts'
import { developmentSecret, SECRET_PATH } from './config/development-secret.ts'
import { loadDotEnv } from './config/env-file.ts'
import { OPERATOR } from './platform/actor.ts'
import type { Services } from './services.ts'

const ROLES = ['user', 'admin'] as const
type Role = (typeof ROLES)[number]

/** Exit code 2 means a wrong call, and prints to standard error. */
type Outcome = { text: string; exitCode: number }

type Command = {
  /** Its arguments, and what it does. */
  help: Record<string, string>
  run: (args: string[]) => Promise<Outcome>
}

/** Commands for operators. Each loads what it needs only when it runs. */
const commands: Record<string, Command> = {
  migrate: {
    help: { '': 'apply pending migrations' },
    // Opening the server has applied them.
    run: withServices(async () => 'The database is up to date.'),
  },
  'set-role': {
    help: { [`<name> <${ROLES.join('|')}>`]: 'change the role of an account' },
    run: withServices(async ({ administration }, [name, role]) => {
      if (!name || !isRole(role)) throw new UsageError()
      await administration.change(await administration.find(name), { role }, OPERATOR)
      return `${name} has the role ${role}. Clients must refresh their access tokens.`
    }),
  },
  disable: {
    help: { '<name>': 'disable an account and end its sessions' },
    run: withServices(async ({ administration }, [name]) => {
      if (!name) throw new UsageError()
      await administration.change(await administration.find(name), { disabled: true }, OPERATOR)
      return `${name} is disabled. All its sessions have ended.`
    }),
  },
  enable: {
    help: { '<name>': 'enable it again' },
    run: withServices(async ({ administration }, [name]) => {
      if (!name) throw new UsageError()
      await administration.change(await administration.find(name), { disabled: false }, OPERATOR)
      return `${name} may sign in again.`
    }),
  },
  unlock: {
    help: { '<name>': 'let unknown devices sign in again after too many failures' },
    run: withServices(async ({ administration }, [name]) => {
      if (!name) throw new UsageError()
      await administration.unlock(await administration.find(name), OPERATOR)
      return `${name} may sign in from every device again.`
    }),
  },
  'verify-email': {
    help: { '<name>': 'mark the e-mail address of an account as verified' },
    run: withServices(async ({ administration }, [name, ...more]) => {
      if (!name || more.length > 0) throw new UsageError()
      const { id, emailVerified } = await administration.show(await administration.find(name))
      if (emailVerified) return `The address of ${name} was verified before.`
      await administration.change(id, { emailVerified: true }, OPERATOR)
      return `The address of ${name} is verified.`
    }),
  },
  'send-reset': {
    help: { '<name>': 'mail a code for a new password to the address of an account' },
    run: withServices(async ({ administration }, [name, ...more]) => {
      if (!name || more.length > 0) throw new UsageError()
      await administration.sendReset(await administration.find(name), OPERATOR)
      return `A code for a new password is on its way to the address of ${name}.`
    }),
  },
  'remove-second-factor': {
    help: { '<name>': 'take away all factors and recovery codes of an account' },
    run: withServices(async ({ administration }, [name, ...more]) => {
      if (!name || more.length > 0) throw new UsageError()
      const id = await administration.find(name)
      if (!(await administration.removeFactors(id, OPERATOR))) return `${name} has no factor.`
      return `${name} signs in with the password alone. All its sessions have ended.`
    }),
  },
  'end-all-sessions': {
    help: { '[name]': 'end every session of everybody, or of one account' },
    run: withServices(async ({ administration }, [name, ...more]) => {
      if (more.length > 0) throw new UsageError()
      if (name === undefined) {
        const ended = await administration.endAllSessions(OPERATOR)
        return `All sessions have ended (${ended} were live). Everybody must sign in again.`
      }
      const ended = await administration.endSessions(await administration.find(name), OPERATOR)
      return `${name} is signed out everywhere (${ended} sessions were live).`
    }),
  },
  'rotate-keys': {
    help: {
      '': 'start using the next signing key within the hour',
      '--now': 'discard all signing keys; clients must refresh their access tokens',
    },
    run: withServices(async ({ keys, administration }, [how]) => {
      if (how === '--now') {
        await administration.replaceKeys(OPERATOR)
        return 'New keys are in use. Clients must refresh their access tokens.'
      }
      if (how !== undefined) throw new UsageError()
      const takesOver = new Date(await keys.rotate())
      return `The next key signs from ${takesOver.toISOString()}.`
    }),
  },
  reseal: {
    help: { '': 'seal the seeds of all apps with the newest secret, before an older one goes' },
    run: withServices(async ({ resealing }) => {
      const { sealed, lost } = await resealing.all()
      if (lost > 0) throw new Error(`No secret in SECRET opens ${lost} of the seeds of apps.`)
      return `All seeds of apps have the newest secret (${sealed} had another one).`
    }),
  },
  'test-mail': {
    help: { '<address>': 'send a mail there, and say what the relay answers' },
    run: withServices(async ({ mail }, [address, ...more]) => {
      if (!address || more.length > 0) throw new UsageError()
      const outcome = await mail.test(address)
      if (outcome?.kind === 'sent') return `A test mail for ${address} is handed over.`
      throw new Error(outcome?.full ?? 'SMTP_URL is not set, so the server sends no mails.')
    }),
  },
  outbox: {
    help: {
      '': 'list the mails that wait to be sent, oldest first',
      'retry [id]': 'send them, or one of them, at once',
      'drop <id>': 'delete one of them',
    },
    run: withServices(async ({ mail }, [what, id, ...more]) => {
      if (more.length > 0) throw new UsageError()
      if (what === undefined) return outboxText(await mail.outbox.list())
      if (what === 'retry') return `Mails that are due now: ${await mail.outbox.retry(id)}.`
      if (what !== 'drop' || id === undefined) throw new UsageError()
      return (await mail.outbox.drop(id)) ? `${id} is deleted.` : 'There is no such mail.'
    }),
  },
  doctor: {
    help: { '--origin <origin>': 'check whether a browser frontend there can use cookies' },
    run: async (args) => {
      const { runDoctor } = await import('./doctor/command.ts')
      return runDoctor(args, process.env, readDotEnv())
    },
  },
  calibrate: {
    help: { '[--target 250ms]': 'propose the cost of a password hash for this machine' },
    run: async (args) => {
      const { runCalibrate } = await import('./calibrate/command.ts')
      // Node reads it before `.env`, so only the environment counts.
      const poolThreads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
      return runCalibrate(args, { poolThreads, print: (line) => process.stdout.write(`${line}\n`) })
    },
  },
}

class UsageError extends Error {}

/** Opens a server's services around a command. */
function withServices(work: (services: Services, args: string[]) => Promise<string>) {
  return async (args: string[]): Promise<Outcome> => {
    readDotEnv()
    const config = loadConfig({ LOG_LEVEL: 'warn', ...process.env })
    const masterSecrets = config.secrets ?? [await developmentSecret(SECRET_PATH)]
    const { openLatchkey } = await import('./server.ts')
    const latchkey = await openLatchkey({ config, masterSecrets })
    try {
      return { text: await work(latchkey.services, args), exitCode: 0 }
    } finally {
      await latchkey.close()
    }
  }
}

/** Loads `.env` outside production. @returns the names in it */
function readDotEnv(): string[] {
  return process.env.NODE_ENV === 'production' ? [] : loadDotEnv(process.env)
}

function outboxText(mails: Awaited<ReturnType<Services['mail']['outbox']['list']>>): string {
  const lines = mails.map(({ id, kind, address, attempts, dueAt, expiresAt }) =>
    [
      ...[id, kind, address, `attempts: ${attempts}`],
      ...[`due: ${dueAt.toISOString()}`, `expires: ${expiresAt.toISOString()}`],
    ].join('  '),
  )
  return lines.join('\n') || 'No mail waits to be sent.'
}

function isRole(text: string | undefined): text is Role {
  return ROLES.some((role) => role === text)
}

function usage(): string {
  const lines = Object.entries(commands).flatMap(([name, { help }]) =>
    Object.entries(help).map(([args, what]) => `  ${`${name} ${args}`.padEnd(33)}${what}`),
  )
  return `Usage: npm run cli -- <command>

${lines.join('\n')}

<name> is a username or an e-mail address. The settings are those of the server.`
}

async function main(): Promise<Outcome> {
  const [name = '', ...args] = process.argv.slice(2)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UsageError()
  return command.run(args)
}

try {
  const { text, exitCode } = await main()
  const stream = exitCode === 2 ? process.stderr : process.stdout
  stream.write(`${text}\n`)
  process.exitCode = exitCode
} catch (error) {
  const isUsage = error instanceof UsageError || !(error instanceof Error)
  process.stderr.write(`${isUsage ? usage() : error.message}\n`)
  process.exitCode = 1
}
