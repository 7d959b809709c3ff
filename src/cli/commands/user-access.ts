import { OPERATOR } from '../../platform/actor.ts'
import { NotFound } from '../../platform/errors/table.ts'
import { columns } from '../output.ts'
import { withServices } from '../server.ts'
import { UsageError, type Word } from '../word.ts'
import { onAccount } from './on-account.ts'

export const sessions = onAccount(
  {
    usage: 'sessions <name>',
    about: 'list the live sessions of an account, last used first',
    examples: ['user sessions lyshark'],
  },
  async ({ administration }, { id, name }) => {
    const found = await administration.sessionsOf(id)
    const items = found.map(({ current: _, ...session }) => session)
    const rows = items.map(({ id: sid, lastUsedAt, expiresAt, ip, userAgent }) => [
      ...[sid, `used: ${lastUsedAt}`, `expires: ${expiresAt}`, ip ?? '-', userAgent ?? '-'],
    ])
    return { text: columns(rows) || `${name} has no live session.`, json: { items } }
  },
)

export const endSessions: Word = {
  usage: 'end-sessions [name]',
  oldUsage: 'end-all-sessions [name]',
  about: 'end every session of one account, or of everybody',
  options: { '--everybody': 'end the sessions of all accounts; everybody signs in again' },
  examples: ['user end-sessions lyshark', 'user end-sessions --everybody'],
  run: async (given) => {
    const [name] = given.args
    const isAll = given.options.everybody === true || (given.isOldName && name === undefined)
    if (isAll === (name !== undefined)) throw new UsageError('Name one account, or --everybody.')
    return withServices(given, async ({ administration }) => {
      if (name === undefined) {
        await given.confirm({ text: 'This signs everybody out, on all servers.' })
        const ended = await administration.endAllSessions(OPERATOR)
        const text = `All sessions have ended (${ended} were live). Everybody must sign in again.`
        return { text, json: { user: null, ended } }
      }
      const ended = await administration.endSessions(await administration.find(name), OPERATOR)
      const text = `${name} is signed out everywhere (${ended} sessions were live).`
      return { text, json: { user: name, ended } }
    })
  },
}

export const unlock = onAccount(
  {
    usage: 'unlock <name>',
    oldUsage: 'unlock <name>',
    about: 'let unknown devices sign in again after too many failures',
    examples: ['user unlock lyshark'],
  },
  async ({ administration }, { id, name }) => {
    await administration.unlock(id, OPERATOR)
    return { text: `${name} may sign in from every device again.`, json: { user: name } }
  },
)

export const resetMail = onAccount(
  {
    usage: 'reset-mail <name>',
    oldUsage: 'send-reset <name>',
    about: 'mail a code for a new password to the address of an account',
    examples: ['user reset-mail lyshark'],
  },
  async ({ administration }, { id, name }) => {
    await administration.sendReset(id, OPERATOR)
    const text = `A code for a new password is on its way to the address of ${name}.`
    return { text, json: { user: name } }
  },
)

export const verifyEmail = onAccount(
  {
    usage: 'verify-email <name>',
    oldUsage: 'verify-email <name>',
    about: 'mark the e-mail address of an account as verified',
    examples: ['user verify-email lyshark'],
  },
  async ({ administration }, { id, name }) => {
    const { emailVerified } = await administration.show(id)
    if (!emailVerified) await administration.change(id, { emailVerified: true }, OPERATOR)
    const text = emailVerified
      ? `The address of ${name} was verified before.`
      : `The address of ${name} is verified.`
    return { text, json: { user: name, changed: !emailVerified } }
  },
)

export const removeFactors = onAccount(
  {
    usage: 'remove-factors <name>',
    oldUsage: 'remove-second-factor <name>',
    about: 'take away all factors and recovery codes of an account',
    examples: ['user remove-factors lyshark'],
  },
  async ({ administration }, { id, name }, { confirm, isOldName }) => {
    const text = `This takes all factors and recovery codes of ${name} away, and ends its sessions.`
    const hasAny = await administration.hasFactors(id)
    if (hasAny) await confirm({ text })
    const changed = hasAny && (await administration.removeFactors(id, OPERATOR))
    if (!changed && isOldName) throw NotFound({ detail: 'The account has no factor.' })
    const done = changed
      ? `${name} signs in with the password alone. All its sessions have ended.`
      : `${name} has no second factor: there is nothing to remove.`
    return { text: done, json: { user: name, changed } }
  },
)

export const identities = onAccount(
  {
    usage: 'identities <name>',
    about: 'list the outside providers that sign in to an account, oldest first',
    examples: ['user identities lyshark'],
  },
  async ({ administration }, { id, name }) => {
    const items = await administration.identitiesOf(id)
    const rows = items.map(({ id: identityId, provider, email, issuer, subject, lastUsedAt }) => [
      ...[identityId, provider, email ?? '-', `used: ${lastUsedAt ?? 'never'}`, issuer, subject],
    ])
    return { text: columns(rows) || `No outside provider signs in to ${name}.`, json: { items } }
  },
)

export const removeIdentity = onAccount(
  {
    usage: 'remove-identity <name> <id>',
    about: 'take away an outside provider that signs in to an account',
    examples: ['user remove-identity lyshark 01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c'],
  },
  async ({ administration }, { id, name }, { args, confirm }) => {
    const identityId = args[1] ?? ''
    const identity = (await administration.identitiesOf(id)).find((one) => one.id === identityId)
    if (identity) {
      const { provider } = identity
      await confirm({ text: `${provider} is removed from ${name}. All its sessions end.` })
    }
    await administration.removeIdentity(id, identityId, OPERATOR)
    const text = `The identity of ${name} is removed. All its sessions have ended.`
    return { text, json: { user: name, identity: identityId } }
  },
)
