import { PASSWORD, type Person, register } from './requests.ts'

/** What `POST /login` is asked with; every one of them is refused. */
export type Attempt = { username: string; password: string }

/** Two kinds of sign-in that nobody may tell apart by the clock. */
export type Pair = { one: string; other: string; attempts: [Attempt[], Attempt[]] }

type Needs = {
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
export async function preparePairs({ base, count, signIn, disable }: Needs): Promise<Pair[]> {
  const enough = Math.ceil(count / ATTEMPTS_EACH)

  const people = (kind: string, howMany = enough) =>
    inTurn(howMany, (at) => register(base, `${kind}-${at}`))

  const by = (names: string[], password = WRONG): Attempt[] =>
    Array.from({ length: count }, (_, at) => ({
      username: names[at % names.length] ?? '',
      password,
    }))

  const wrong = async (kind: string) => by(usernames(await people(kind)))

  const known = await wrong('known')
  const nobody = by(Array.from({ length: enough }, (_, at) => `nobody-${at}`))
  const locked = usernames(await people('locked', LOCKED))
  for (const username of locked) {
    await inTurn(FAILURES_TO_LOCK, () => signIn({ username, password: WRONG }))
  }
  const disabled = usernames(await people('disabled'))
  for (const username of disabled) await disable(username)
  const named = await people('named')
  const mailed = await people('mailed')

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
      attempts: [by(usernames(named)), by(mailed.map(({ email }) => email))],
    },
  ]
}

function usernames(people: Person[]): string[] {
  return people.map(({ username }) => username)
}

/** One after the other, so that the server is never too busy to take one. */
async function inTurn<T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> {
  const made: T[] = []
  for (let at = 0; at < count; at++) made.push(await make(at))
  return made
}
