import { randomInt } from 'node:crypto'
import { usernameKey } from '../../platform/identity.ts'
import type { Users } from '../users/service.ts'

const LONGEST = 32
const SHORTEST = 3
const TRIES = 5

/**
 * A username that nobody has, from what a provider calls the person: `Ly Shark` becomes `lyshark`,
 * or `lyshark-4821` where that is taken.
 * @param names the likeliest first; addresses count by their first part
 */
export async function freeUsername(
  names: readonly (string | undefined)[],
  users: Pick<Users, 'findByKey'>,
): Promise<string> {
  const base = names.map(plain).find((name) => name.length >= SHORTEST) ?? 'user'
  for (let turn = 0; turn < TRIES; turn++) {
    const name = turn === 0 ? base : numbered(base, turn)
    const column = 'usernameKey' as const
    if (!(await users.findByKey({ column, key: usernameKey(name) }))) return name
  }
  return numbered(base, TRIES)
}

/** Longer numbers at later turns: soon one is free. */
function numbered(base: string, turn: number): string {
  const number = String(randomInt(10 ** (3 + turn)))
  return `${base.slice(0, LONGEST - number.length - 1)}-${number}`
}

/** What `Username` allows, without accents. */
function plain(name = ''): string {
  const [first = ''] = name.split('@')
  const letters = first.normalize('NFKD').replace(/[^A-Za-z0-9_.-]/g, '')
  return letters.replace(/^[_.-]+/, '').slice(0, LONGEST)
}
