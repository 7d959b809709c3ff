import type { AdminUserView } from '../../contract/admin-user.ts'
import type { UserQuery } from '../../features/administration/reading.ts'
import { OPERATOR } from '../../platform/actor.ts'
import { checkedAccount, checkedQuery } from '../checked.ts'
import { columns } from '../output.ts'
import { withServices } from '../server.ts'
import { type Given, UsageError, type Word } from '../word.ts'
import { onAccount } from './on-account.ts'

const ROLES = ['user', 'admin'] as const

export const create: Word = {
  usage: 'create',
  about:
    'create an account, also where nobody may register; its owner chooses a password, or you do',
  options: {
    '--username <username>': 'how the owner signs in',
    '--email <address>': 'the e-mail address of the owner',
    '--name <name>': 'the name of the owner',
    '--role <role>': 'user or admin; user by default',
    '--invite': 'mail an invitation to the owner, who chooses a password; the default',
    '--password-stdin': 'read a password from the first line of standard input',
  },
  examples: [
    'user create --username olivia --email olivia@example.com --role admin --password-stdin',
    'user create --username lyshark --email lyshark@example.com --invite',
  ],
  run: async (given) => {
    const account = await checkedAccount({ ...given.options, password: await passwordOf(given) })
    return withServices(given, async ({ administration }) => {
      const made = await administration.create(account, OPERATOR)
      const invited = made.hasPassword ? '' : ` An invitation is on its way to ${made.email}.`
      return { text: `${made.username} has an account.${invited}`, json: made }
    })
  },
}

/** @throws UsageError */
async function passwordOf({ io, options }: Given): Promise<string | undefined> {
  if (options.passwordStdin !== true) return undefined
  if (options.invite === true) throw new UsageError('Choose --invite or --password-stdin.')
  const line = await io.readLine?.()
  if (!line) throw new UsageError('--password-stdin needs a password on standard input.')
  return line
}

export const list: Word = {
  usage: 'list',
  about: 'list accounts, newest first',
  options: {
    '--q <text>': 'an id or an address exactly, or a part of username, address or name',
    '--role <role>': 'user or admin',
    '--status <status>': 'active, disabled or unverified',
    '--sort <order>': 'createdAt, -createdAt, username or -username',
    '--size <number>': 'how many, 1 to 100; 20 by default',
    '--cursor <cursor>': 'continue behind an earlier list',
  },
  examples: ['user list', 'user list --role admin', 'user list --q example.com --size 100'],
  run: async (given) => {
    const query: UserQuery = await checkedQuery(given.options)
    return withServices(given, async ({ administration }) => {
      const page = await administration.list(query)
      const more = page.nextCursor === null ? '' : `\nMore: --cursor ${page.nextCursor}`
      const text = `${columns(page.items.map(lineOf)) || 'There is no such account.'}${more}`
      return { text, json: page }
    })
  },
}

function lineOf({ id, username, email, role, ...account }: AdminUserView): string[] {
  const marks = [
    ...(account.disabledAt === null ? [] : ['disabled']),
    ...(account.emailVerified ? [] : ['unverified']),
    ...(account.hasPassword ? [] : ['no password']),
    ...(account.identities === 0 ? [] : [`identities: ${account.identities}`]),
  ]
  return [id, username, email, role, marks.join(' ')]
}

export const show = onAccount(
  {
    usage: 'show <name>',
    about: 'show an account',
    examples: ['user show lyshark', 'user show lyshark@example.com --json'],
  },
  async ({ administration }, { id }) => {
    const account = await administration.show(id)
    const rows = Object.entries(account).map(([key, value]) => [key, String(value ?? '-')])
    return { text: columns(rows), json: account }
  },
)

export const disable = onAccount(
  {
    usage: 'disable <name>',
    oldUsage: 'disable <name>',
    about: 'disable an account and end its sessions',
    examples: ['user disable mallory'],
  },
  async ({ administration }, { id, name }) => {
    await administration.change(id, { disabled: true }, OPERATOR)
    const text = `${name} is disabled. All its sessions have ended.`
    return { text, json: { user: name, disabled: true } }
  },
)

export const enable = onAccount(
  {
    usage: 'enable <name>',
    oldUsage: 'enable <name>',
    about: 'let a disabled account sign in again',
    examples: ['user enable mallory'],
  },
  async ({ administration }, { id, name }) => {
    await administration.change(id, { disabled: false }, OPERATOR)
    return { text: `${name} may sign in again.`, json: { user: name, disabled: false } }
  },
)

export const role = onAccount(
  {
    usage: 'role <name> <role>',
    oldUsage: 'set-role <name> <role>',
    about: 'change the role of an account',
    choices: { role: ROLES },
    examples: ['user role lyshark admin'],
  },
  async ({ administration }, { id, name }, { args }) => {
    // The choices admit nothing else.
    const to = args[1] as (typeof ROLES)[number]
    await administration.change(id, { role: to }, OPERATOR)
    const text = `${name} has the role ${to}. Clients must refresh their access tokens.`
    return { text, json: { user: name, role: to } }
  },
)

export const remove = onAccount(
  {
    usage: 'delete <name>',
    about: 'delete an account with all that belongs to it',
    examples: ['user delete mallory', 'user delete mallory --yes'],
  },
  async ({ administration }, { id, name }, { confirm }) => {
    const text = `This deletes ${name} and all that belongs to it. It cannot be undone.`
    await confirm({ text, word: name })
    await administration.remove(id, OPERATOR)
    return { text: `${name} is deleted.`, json: { user: name, deleted: true } }
  },
)
