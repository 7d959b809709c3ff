import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { UserId } from '../../src/platform/ids.ts'
import { newFactor, newIdentity } from './callers.ts'
import { bearer, signedUp } from './factories.ts'
import type { TestServer } from './helper.ts'

/** In `RETURN_URLS` by default. */
const OWN_PAGE = 'http://localhost:3000/'

type Ask = (line: string, options: InjectOptions, ids: string[]) => Promise<LightMyRequestResponse>

/** Takes away the last way into accounts that have no password. */
export async function askOfWaysIn(server: TestServer, ask: Ask): Promise<void> {
  for (const [line, make] of [
    ['DELETE /factors/{id}', newFactor],
    ['DELETE /identities/{id}', (_: TestServer, { user }) => newIdentity(server, user.id)],
  ] as [string, typeof newFactor][]) {
    const person = await signedUp(server)
    const where = { id: person.user.id }
    const id = await make(server, person)
    await server.database.client.user.update({ where, data: { passwordHash: null } })
    await ask(line, { headers: bearer(person.access_token) }, [id])
  }
}

/** A challenge of this account, with a code for the address. */
export function challengeTo(
  { services }: TestServer,
  purpose: 'verify_email' | 'undo_email',
  address: string,
  id: UserId,
): string {
  const account = { id, credentialVersion: 'any' } as const
  const device = { ip: null, userAgent: null }
  return services.challenges.begin({ purpose, account, address, device }).token
}

/** What a browser brings back from a provider. */
export function stateOfProvider({ services }: TestServer): string {
  const device = { ip: null, userAgent: null }
  const [purpose, data] = ['provider_sign_in', JSON.stringify(['google', 'x', OWN_PAGE])]
  return services.challenges.begin({ purpose, methods: [], data, device }).token
}
