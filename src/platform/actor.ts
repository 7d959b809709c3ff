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
