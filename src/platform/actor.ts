import type { Device } from './device.ts'
import type { UserId } from './ids.ts'

/** Who asks, as a service that protects its rows needs to know it. */
export type Actor = {
  userId: UserId
  /** Whether the role lets the actor change what belongs to others. */
  isAdmin: boolean
}

/** The server itself, which may change everything. */
export const SYSTEM = { userId: undefined, isAdmin: true } as const
export type Writer = Actor | typeof SYSTEM

/** Who makes a change to an account of somebody else, for the audit log. */
export type Author = {
  /** Null for somebody at the server's command line. */
  actorId: UserId | null
  device?: Device | undefined
}
export const OPERATOR: Author = { actorId: null }
