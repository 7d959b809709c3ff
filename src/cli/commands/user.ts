import { ROLES, type Role } from '../../features/accounts/administration.ts'
import type { User } from '../../features/users/user.ts'
import type { Services } from '../../services.ts'
import { columns } from '../output.ts'
import { withServices } from '../server.ts'
import { type Given, type Group, type Result, UsageError, type Word } from '../word.ts'

type Told = { text: string; json: object }

/** A command on one account, by its username or e-mail address. */
function onAccount(
  word: Omit<Word, 'usage' | 'run'> & { usage: string },
  work: (services: Services, name: string, given: Given) => Promise<Told>,
): Word {
  async function run(given: Given): Promise<Result> {
    const [name = ''] = given.args
    return withServices(given, (services) => work(services, name, given))
  }
  return { ...word, run }
}

const show = onAccount(
  {
    usage: 'show <name>',
    about: 'show an account',
    examples: ['user show lyshark', 'user show lyshark@example.com --json'],
  },
  async (services, name) => {
    const account = viewOf(await find(services, name))
    const rows = Object.entries(account).map(([key, value]) => [key, String(value ?? '-')])
    return { text: columns(rows), json: account }
  },
)

const disable = onAccount(
  {
    usage: 'disable <name>',
    oldUsage: 'disable <name>',
    about: 'disable an account and end its sessions',
    examples: ['user disable mallory'],
  },
  async ({ administration }, name) => {
    await administration.disable(name)
    const text = `${name} is disabled. All its sessions have ended.`
    return { text, json: { user: name, disabled: true } }
  },
)

const enable = onAccount(
  {
    usage: 'enable <name>',
    oldUsage: 'enable <name>',
    about: 'let a disabled account sign in again',
    examples: ['user enable mallory'],
  },
  async ({ administration }, name) => {
    await administration.enable(name)
    return { text: `${name} may sign in again.`, json: { user: name, disabled: false } }
  },
)

const role = onAccount(
  {
    usage: 'role <name> <role>',
    oldUsage: 'set-role <name> <role>',
    about: 'change the role of an account',
    choices: { role: ROLES },
    examples: ['user role lyshark admin'],
  },
  async ({ administration }, name, { args }) => {
    // The choices admit nothing else.
    const to = args[1] as Role
    await administration.changeRole(name, to)
    const text = `${name} has the role ${to}. Clients must refresh their access tokens.`
    return { text, json: { user: name, role: to } }
  },
)

const sessions = onAccount(
  {
    usage: 'sessions <name>',
    about: 'list the live sessions of an account, last used first',
    examples: ['user sessions lyshark'],
  },
  async (services, name) => {
    const { id } = await find(services, name)
    const items = (await services.sessions.list(id)).map(({ current: _, ...session }) => session)
    const rows = items.map(({ id: sid, lastUsedAt, expiresAt, ip, userAgent }) => [
      ...[sid, `used: ${lastUsedAt}`, `expires: ${expiresAt}`, ip ?? '-', userAgent ?? '-'],
    ])
    return { text: columns(rows) || `${name} has no live session.`, json: { items } }
  },
)

const endSessions: Word = {
  usage: 'end-sessions [name]',
  oldUsage: 'end-all-sessions [name]',
  about: 'end every session of one account, or of everybody',
  options: { '--everybody': 'end the sessions of all accounts; everybody signs in again' },
  examples: ['user end-sessions lyshark', 'user end-sessions --everybody'],
  question: ({ args: [name], options }) =>
    options.everybody === true && name === undefined
      ? { text: 'This signs everybody out, on all servers.' }
      : undefined,
  run: async (given) => {
    const [name] = given.args
    const isAll = given.options.everybody === true || (given.isOldName && name === undefined)
    if (isAll === (name !== undefined)) throw new UsageError('Name one account, or --everybody.')
    return withServices(given, async ({ administration }) => {
      if (name === undefined) {
        const ended = await administration.endAllSessions()
        const text = `All sessions have ended (${ended} were live). Everybody must sign in again.`
        return { text, json: { user: null, ended } }
      }
      const ended = await administration.endSessionsOf(name)
      const text = `${name} is signed out everywhere (${ended} sessions were live).`
      return { text, json: { user: name, ended } }
    })
  },
}

const unlock = onAccount(
  {
    usage: 'unlock <name>',
    oldUsage: 'unlock <name>',
    about: 'let unknown devices sign in again after too many failures',
    examples: ['user unlock lyshark'],
  },
  async ({ administration }, name) => {
    await administration.unlock(name)
    return { text: `${name} may sign in from every device again.`, json: { user: name } }
  },
)

const resetMail = onAccount(
  {
    usage: 'reset-mail <name>',
    oldUsage: 'send-reset <name>',
    about: 'mail a code for a new password to the address of an account',
    examples: ['user reset-mail lyshark'],
  },
  async ({ recovery }, name) => {
    await recovery.sendReset(name)
    const text = `A code for a new password is on its way to the address of ${name}.`
    return { text, json: { user: name } }
  },
)

const verifyEmail = onAccount(
  {
    usage: 'verify-email <name>',
    oldUsage: 'verify-email <name>',
    about: 'mark the e-mail address of an account as verified',
    examples: ['user verify-email lyshark'],
  },
  async ({ administration }, name) => {
    const isNew = await administration.verifyEmail(name)
    const text = isNew
      ? `The address of ${name} is verified.`
      : `The address of ${name} was verified before.`
    return { text, json: { user: name, changed: isNew } }
  },
)

const removeFactors = onAccount(
  {
    usage: 'remove-factors <name>',
    oldUsage: 'remove-second-factor <name>',
    about: 'take away all factors and recovery codes of an account',
    examples: ['user remove-factors lyshark'],
    question: ({ args: [name] }) => ({
      text: `This takes all factors and recovery codes of ${name} away, and ends its sessions.`,
    }),
  },
  async ({ administration }, name) => {
    await administration.removeSecondFactor(name)
    const text = `${name} signs in with the password alone. All its sessions have ended.`
    return { text, json: { user: name } }
  },
)

/** Accounts. */
export const user: Group = {
  name: 'user',
  about: 'accounts and their sessions',
  words: [
    ...[show, disable, enable, role, sessions, endSessions],
    ...[unlock, resetMail, verifyEmail, removeFactors],
  ],
}

/** @throws NotFound */
export async function find({ users }: Services, name: string): Promise<User> {
  const { loginKey } = await import('../../platform/identity.ts')
  const found = await users.findByKey(loginKey(name))
  if (found) return found
  const { NotFound } = await import('../../platform/errors/table.ts')
  throw NotFound({ detail: 'There is no account with this name.' })
}

/** What may be shown: no hash and no key. */
function viewOf(account: User) {
  const { id, username, email, emailVerified, name, role: held, secondFactor } = account
  return {
    ...{ id, username, email, emailVerified, name, role: held, secondFactor },
    createdAt: account.createdAt.toISOString(),
    disabledAt: account.disabledAt?.toISOString() ?? null,
  }
}
