import fc from 'fast-check'
import { at } from './reference.ts'
import type { Credential, Session, World } from './world.ts'

export const DAY_MS = 86_400_000

/** A number that selects something that exists when the command runs: see `pick`. */
export const some = fc.nat({ max: 1000 })

/** Which token a request shows: most of the time one that means something. */
export type Choice = {
  kind: 'current' | 'predecessor' | 'newest' | 'any refresh' | 'access' | 'forged' | 'none'
  number: number
}
const choose = (kind: Choice['kind']) => some.map((number): Choice => ({ kind, number }))

export const refreshChoice = fc.oneof(
  { weight: 6, arbitrary: choose('current') },
  { weight: 4, arbitrary: choose('predecessor') },
  { weight: 2, arbitrary: choose('newest') },
  { weight: 3, arbitrary: choose('any refresh') },
  { weight: 1, arbitrary: choose('forged') },
  { weight: 1, arbitrary: choose('access') },
  { weight: 1, arbitrary: choose('none') },
)
export const accessChoice = fc.oneof(
  { weight: 12, arbitrary: choose('access') },
  { weight: 1, arbitrary: choose('forged') },
  { weight: 1, arbitrary: choose('any refresh') },
  { weight: 1, arbitrary: choose('none') },
)

/** Mostly one of the last few, sometimes any: of what there is, the number chooses one. */
export function pick(length: number, number: number): number {
  if (length === 0) return -1
  return number % 4 === 0 ? number % length : length - 1 - (number % Math.min(length, 4))
}

/**
 * The same among those that still work, as long as there are any and the number is not a fifth one.
 */
function pickWorking<T>(items: readonly T[], number: number, works: (item: T) => boolean): number {
  const working = [...items.keys()].filter((index) => works(at(items, index)))
  if (working.length === 0 || number % 5 === 0) return pick(items.length, number)
  return at(working, pick(working.length, number))
}

const isLive = (world: Readonly<World>, { ended, expiresAt }: Session) =>
  !ended && world.now < expiresAt

/** A session: see `pickWorking`. @returns -1 when there is none */
export function pickSession(world: Readonly<World>, number: number): number {
  return pickWorking(world.sessions, number, (session) => isLive(world, session))
}

export function resolve(world: Readonly<World>, { kind, number }: Choice): Credential {
  switch (kind) {
    case 'current':
    case 'predecessor':
    case 'newest':
      return ofSession(world, kind, number)
    case 'access':
      return accessToken(world, number)
    case 'any refresh': {
      const index = pick(world.refreshTokens.length, number)
      return index < 0 ? { kind: 'none' } : { kind: 'refresh', index }
    }
    case 'forged':
      return { kind, index: number }
    case 'none':
      return { kind }
  }
}

function accessToken(world: Readonly<World>, number: number): Credential {
  const index = pickWorking(world.accessTokens, number, ({ session, exp }) => {
    return world.now < exp * 1000 && isLive(world, at(world.sessions, session))
  })
  return index < 0 ? { kind: 'none' } : { kind: 'access', index }
}

function ofSession(world: Readonly<World>, which: Choice['kind'], number: number): Credential {
  const index = pickSession(world, number)
  const session = world.sessions[index]
  if (!session) return { kind: 'none' }
  if (which === 'newest') return newestOf(world, index)
  const before = which === 'predecessor' ? session.history.at(-1)?.current : undefined
  return { kind: 'refresh', index: before ?? session.current }
}

/** What an honest client of the session holds, even after a backup was put back. */
export function newestOf(world: Readonly<World>, session: number): Credential {
  const index = world.refreshTokens.findLastIndex((token) => token.session === session)
  return { kind: 'refresh', index }
}

/** The session that a token belongs to, or -1. */
export function sessionOf(world: World, credential: Credential): number {
  if (credential.kind === 'access') return world.accessTokens[credential.index]?.session ?? -1
  if (credential.kind === 'refresh') return world.refreshTokens[credential.index]?.session ?? -1
  return -1
}

/**
 * Whether a row that a backup brought back over its idle end may be gone before its client comes.
 */
export function isLostForGood(world: Readonly<World>, credential: Credential): boolean {
  if (credential.kind !== 'refresh') return false
  const token = at(world.refreshTokens, credential.index)
  const session = at(world.sessions, token.session)
  return token.generation > session.generation && world.now >= session.expiresAt + DAY_MS
}
