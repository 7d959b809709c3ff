import { PASSWORD, type Person, registerEach } from '../support/requests.ts'
import type { Names } from './challenges.ts'

/** What `POST /login` is asked with; every one of them is refused. */
export type Attempt = { username: string; password: string }

/** Two kinds of sign-in that nobody may tell apart by the clock. */
export type Pair = { one: string; other: string; attempts: [Attempt[], Attempt[]] }

export type Dependencies = {
  base: string
  /** Attempts of each kind in a pair. */
  count: number
  signIn: (attempt: Attempt) => Promise<unknown>
  /** Closes the account of that name. */
  disable: (username: string) => Promise<void>
}

const WRONG = `not ${PASSWORD}`
/** Fewer than lock an account. */
const ATTEMPTS_EACH = 5
const LOCKED = 5
/** More than lock an account. */
const FAILURES_TO_LOCK = 12

/** Makes the accounts, and says who is to sign in and how. */
export async function preparePairs({
  base,
  count,
  signIn,
  disable,
}: Dependencies): Promise<Pair[]> {
  const by = (names: string[], password = WRONG) => attempts(count, names, password)
  const some = (kind: string) => people(base, kind, count)
  const wrong = async (kind: string) => by(await some(kind))

  const known = await wrong('known')
  const nobody = by(nobodies('nobody', enoughFor(count)))
  const locked = await lockedPeople(base, signIn)
  const disabled = await some('disabled')
  for (const username of disabled) await disable(username)
  const named = await some('named')
  const mailed = await registerEach(base, 'mailed', enoughFor(count))

  return [
    { one: 'a name that somebody has', other: 'one that nobody has', attempts: [known, nobody] },
    {
      one: 'a locked account',
      other: 'an open one',
      attempts: [by(locked), await wrong('beside-locked')],
    },
    {
      one: 'a locked account, right password',
      other: 'an open one, wrong password',
      attempts: [by(locked, PASSWORD), await wrong('beside-right')],
    },
    {
      one: 'a disabled account, right password',
      other: 'an open one, wrong password',
      attempts: [by(disabled, PASSWORD), await wrong('beside-disabled')],
    },
    {
      one: 'by username',
      other: 'by e-mail address',
      attempts: [by(named), by(mailed.map(({ email }) => email))],
    },
  ]
}

/** Names for resets: a few of each kind. */
export async function prepareNames({ base, signIn, disable }: Dependencies): Promise<Names> {
  const known = usernames(await registerEach(base, 'resets', LOCKED))
  const disabled = usernames(await registerEach(base, 'closed', LOCKED))
  for (const username of disabled) await disable(username)
  const locked = await lockedPeople(base, signIn)
  return { known, unknown: nobodies('no-resets', LOCKED), disabled, locked }
}

async function lockedPeople(base: string, signIn: Dependencies['signIn']): Promise<string[]> {
  const locked = usernames(await registerEach(base, 'locked', LOCKED))
  for (const username of locked) {
    for (let failure = 0; failure < FAILURES_TO_LOCK; failure++) {
      await signIn({ username, password: WRONG })
    }
  }
  return locked
}

/**
 * Who may not be told apart after the cost was raised.
 * @param names of accounts with a hash from before, of others, and of accounts from after it
 */
export function raisedPairs(names: [string[], string[], string[]], count: number): Pair[] {
  const [former, second, later] = names
  return [
    {
      one: 'an account from before the cost was raised',
      other: 'a name that nobody has',
      attempts: [attempts(count, former), attempts(count, nobodies('no', enoughFor(count)))],
    },
    {
      one: 'another account from before it',
      other: 'one from after it',
      attempts: [attempts(count, second), attempts(count, later)],
    },
  ]
}

/** Registers so many that none of them is locked by the attempts of one pair. */
export async function people(base: string, kind: string, count: number): Promise<string[]> {
  return usernames(await registerEach(base, kind, enoughFor(count)))
}

const enoughFor = (count: number) => Math.ceil(count / ATTEMPTS_EACH)

function nobodies(kind: string, number: number): string[] {
  return Array.from({ length: number }, (_, at) => `${kind}-${at}`)
}

function attempts(count: number, names: string[], password = WRONG): Attempt[] {
  return Array.from({ length: count }, (_, at) => ({
    username: names[at % names.length] ?? '',
    password,
  }))
}

function usernames(people: Person[]): string[] {
  return people.map(({ username }) => username)
}
