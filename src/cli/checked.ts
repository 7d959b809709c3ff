import type { TSchema } from 'typebox'
import type { NewAccount } from '../features/administration/creating.ts'
import type { UserQuery } from '../features/administration/reading.ts'
import type { AuditFilter } from '../features/audit/reading.ts'
import { english } from '../languages/languages.ts'
import { tell } from '../languages/text.ts'
import type { PageQuery } from '../platform/paging/owned-list.ts'
import { type Given, UsageError } from './word.ts'

// What an operator writes is held to the schemas of the API.

type Options = Given['options']

/** The account that options describe. @throws UsageError */
export async function checkedAccount(options: Options): Promise<NewAccount> {
  const { createUserSchema } = await import('../features/administration/user-schemas.ts')
  const names = ['username', 'email', 'name', 'role', 'password']
  return await checked<NewAccount>(createUserSchema.body, picked(options, names))
}

/** The query that options describe. @throws UsageError */
export async function checkedQuery(options: Options): Promise<UserQuery> {
  const { listUsersSchema } = await import('../features/administration/user-schemas.ts')
  const names = ['q', 'role', 'status', 'sort', 'cursor', 'size']
  return await checked<UserQuery>(listUsersSchema.querystring, picked(options, names))
}

/** The events that options ask for. @throws UsageError */
export async function checkedEvents(options: Options): Promise<AuditFilter & PageQuery> {
  const { eventsSchema } = await import('../features/administration/report-schemas.ts')
  const names = ['type', 'size', 'cursor']
  return await checked<AuditFilter & PageQuery>(eventsSchema.querystring, picked(options, names))
}

/** An address that mail can go to. @throws UsageError */
export async function checkedAddress(address = ''): Promise<string> {
  const { Email } = await import('../contract/user.ts')
  const { strictObject } = await import('../contract/schema.ts')
  const value = await checked<{ address: string }>(strictObject({ address: Email }), { address })
  return value.address
}

/** Members that no option has the name of. */
const SAID: Record<string, string> = { password: '--password-stdin', address: '<address>' }

function picked(options: Options, names: readonly string[]): Record<string, unknown> {
  const given = names.filter((name) => options[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, options[name]]))
}

async function checked<Value>(schema: TSchema, value: Record<string, unknown>): Promise<Value> {
  const { issuesOf } = await import('../http/validation/check.ts')
  const issues = await issuesOf(schema, value)
  if (issues.length === 0) return value as Value
  const lines = issues.map(({ pointer, detail }) => {
    const name = pointer.slice(1)
    return `${SAID[name] ?? `--${name}`}: ${tell(detail, english)}`
  })
  throw new UsageError(lines.join('\n'))
}
