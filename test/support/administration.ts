import assert from 'node:assert/strict'
import type { AdminUserView } from '../../src/contract/admin-user.ts'
import { OPERATOR } from '../../src/platform/actor.ts'
import { PASSWORD } from './factories.ts'
import { type TestServer, uniqueName } from './helper.ts'
import { ask } from './houses.ts'

export type SignedIn = { access_token: string }
export type UserPage = { items: AdminUserView[]; nextCursor: string | null }

/** An account that nobody has signed in to, with a name of its own. */
export function newAccount(
  { services, clock }: TestServer,
  more: { username?: string; email?: string; name?: string; role?: 'user' | 'admin' } = {},
): Promise<AdminUserView> {
  // Later than all others, so that it is the newest.
  clock.advance(1)
  const account = { username: uniqueName(), email: `${uniqueName('mail')}@example.com` }
  return services.administration.create({ ...account, password: PASSWORD, ...more }, OPERATOR)
}

/** One page of accounts. */
export async function usersPage(
  server: TestServer,
  admin: SignedIn,
  query: Record<string, string> = {},
): Promise<UserPage> {
  const answer = await ask(server, `GET /admin/users?${new URLSearchParams(query)}`, admin)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<UserPage>()
}

/** All pages, one after another. @param between what happens meanwhile */
export async function allUsers(
  server: TestServer,
  admin: SignedIn,
  query: Record<string, string> = {},
  between: () => Promise<unknown> = async () => undefined,
): Promise<AdminUserView[]> {
  const found: AdminUserView[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: UserPage = await usersPage(server, admin, { ...query, cursor })
    found.push(...page.items)
    cursor = page.nextCursor
    await between()
  }
  return found
}

/** The events of an account with their authors, oldest first, behind its registration. */
export async function eventsOf(server: TestServer, userId: string) {
  await server.services.audit.written()
  const rows = await server.database.client.auditEvent.findMany({
    where: { userId },
    orderBy: { id: 'asc' },
  })
  return rows.map(({ type, detail }) => ({ type, detail }))
}
