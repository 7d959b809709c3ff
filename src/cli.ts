import { loadConfig } from './config.ts'
import { ROLES, type Role } from './features/accounts/administration.ts'
import { openLatchkey } from './latchkey.ts'
import { loadDotEnv } from './platform/dot-env.ts'
import { ownSecret, SECRET_PATH } from './platform/secret.ts'
import type { Services } from './services.ts'

const USAGE = `Usage: npm run cli -- <command>

  migrate                          apply the migrations that are missing
  set-role <name> <${ROLES.join('|')}>      give an account another role
  disable <name>                   close an account; its sessions are over
  enable <name>                    open it again
  unlock <name>                    let unknown devices sign in again after too many failures
  rotate-keys                      let the next signing key take over within the hour

<name> is a username or an e-mail address. The settings are those of the server.`

type Command = (services: Services, args: string[]) => Promise<string>

/** What an operator can do; each says in one line what was done. */
const commands: Record<string, Command> = {
  // Opening the database has applied them.
  migrate: async () => 'The database is up to date.',
  'set-role': async ({ administration }, [name, role]) => {
    if (!name || !isRole(role)) throw new UsageError()
    await administration.changeRole(name, role)
    return `${name} has the role ${role}; access tokens from before must be refreshed.`
  },
  disable: async ({ administration }, [name]) => {
    if (!name) throw new UsageError()
    await administration.disable(name)
    return `${name} is disabled; every session is over.`
  },
  enable: async ({ administration }, [name]) => {
    if (!name) throw new UsageError()
    await administration.enable(name)
    return `${name} may sign in again.`
  },
  unlock: async ({ administration }, [name]) => {
    if (!name) throw new UsageError()
    await administration.unlock(name)
    return `${name} may sign in from every device again.`
  },
  'rotate-keys': async ({ keys }) => {
    const takesOver = new Date(await keys.rotate())
    return `The next key signs from ${takesOver.toISOString()}.`
  },
}

class UsageError extends Error {}

function isRole(text: string | undefined): text is Role {
  return ROLES.some((role) => role === text)
}

async function main(): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UsageError()
  if (process.env.NODE_ENV !== 'production') loadDotEnv()
  const config = loadConfig({ LOG_LEVEL: 'warn', ...process.env })
  const masterSecrets = config.secrets ?? [await ownSecret(SECRET_PATH)]
  const latchkey = await openLatchkey({ config, masterSecrets })
  try {
    process.stdout.write(`${await command(latchkey.services, args)}\n`)
  } finally {
    await latchkey.close()
  }
}

try {
  await main()
} catch (error) {
  const message = error instanceof UsageError || !(error instanceof Error) ? USAGE : error.message
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
