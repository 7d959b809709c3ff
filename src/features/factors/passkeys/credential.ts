import { createHash } from 'node:crypto'
import type { UserId } from '../../../platform/ids.ts'

/** A credential as a browser gives it; only what is checked here has a type. */
export type Credential = {
  id: string
  response: Record<string, unknown>
}

/** @returns undefined for what cannot be a credential */
export async function credentialOf(proof: string): Promise<Credential | undefined> {
  const given = objectOf(await unlessThrown(() => JSON.parse(proof)))
  const { id, response } = given
  return typeof id === 'string' ? { ...given, id, response: objectOf(response) } : undefined
}

/** What finds a credential: nobody else has the same. */
export function keyOf(credentialId: string): string {
  return createHash('sha256').update(credentialId).digest('hex')
}

/** What a passkey knows its user by: the 16 bytes of the id, in base64url. */
export function userHandleOf(userId: UserId): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** For what others sent: @returns undefined where it cannot be read. */
export async function unlessThrown<Result>(
  read: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}
