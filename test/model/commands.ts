import fc from 'fast-check'
import { accessChoice, refreshChoice, some } from './choices.ts'
import * as deeds from './deeds.ts'
import * as requests from './requests.ts'
import { PLACES } from './subject.ts'

const NAMES = ['ann', 'Ann', 'bob', 'BOB', 'cy']
/**
 * Just inside and just outside of every limit of time, in seconds; a long wait ends every session.
 */
const moves = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0.5, 1, 29, 30, 30.5, 31) },
  { weight: 3, arbitrary: fc.constantFrom(899, 900, 901, 3600) },
  { weight: 1, arbitrary: fc.constantFrom(86_400, 2_591_999, 2_592_000, 7_776_000) },
)

const name = fc.constantFrom(...NAMES)
const password = fc.constantFrom(...requests.PASSWORDS)
const transport = fc.constantFrom('body' as const, 'cookie' as const)
const place = fc.constantFrom(...PLACES)
const key = fc.option(fc.constantFrom('first', 'second'), { freq: 2 })
/** Nothing most of the time, which stands for what an honest client does. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
const mostly = fc.nat({ max: 4 }).map((number) => number > 0)

const register = fc.record({ name, mail: name, password, transport }).map(requests.register)
const logIn = fc
  .record({ name, byMail: fc.boolean(), password: seldom(password), transport })
  .map(requests.logIn)
const refresh = fc
  .tuple(refreshChoice, fc.record({ place: seldom(place), key }))
  .map(([choice, wish]) => requests.refresh(choice, wish))
const read = fc
  .tuple(accessChoice, fc.constantFrom('/me', '/verify', '/sessions'))
  .map(([choice, url]) => requests.read(choice, url))
const changePassword = fc
  .tuple(accessChoice, fc.record({ isRight: mostly, shift: fc.constantFrom(1, 2) }))
  .map(([choice, wish]) => requests.changePassword(choice, wish))
const advance = moves.map(deeds.advance)

/**
 * fast-check takes each of these as often as the others, so what matters more is there more often.
 */
const commands = [
  ...times(2, register),
  ...times(3, logIn),
  ...times(12, refresh),
  ...times(3, read),
  ...times(2, changePassword),
  ...times(3, advance),
  fc.tuple(refreshChoice, place).map(([choice, at]) => requests.logOut(choice, at)),
  fc.tuple(accessChoice, place).map(([choice, at]) => requests.logOut(choice, at)),
  fc.tuple(accessChoice, some).map(([choice, number]) => requests.revoke(choice, number)),
  accessChoice.map(requests.revokeOthers),
  fc
    .tuple(accessChoice, mostly)
    .map(([choice, isRight]) => requests.deleteAccount(choice, isRight)),
  fc
    .tuple(some, fc.constantFrom('disable', 'enable', 'user', 'admin'))
    .map(([number, deed]) => deeds.administer(number, deed)),
  fc.tuple(some, fc.nat({ max: 3 })).map(([number, back]) => deeds.restore(number, back)),
  fc
    .tuple(some, fc.integer({ min: 1, max: 4 }))
    .map(([number, returns]) => deeds.liveLong(number, returns)),
  fc
    .tuple(some, fc.nat({ max: 2 }), fc.constantFrom(0, 1, 31, 3600))
    .map(([number, back, seconds]) => deeds.comeBackAfterRestore(number, back, seconds)),
  fc.constant(null).map(deeds.maintain),
  fc.constant(null).map(deeds.restart),
]

function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item)
}

/** Sequences of up to so many commands. */
export function sequences(maxCommands: number, replayPath?: string) {
  const replay = replayPath === undefined ? {} : { replayPath }
  return fc.commands(commands, { maxCommands, size: 'max', ...replay })
}

/** How every sequence begins: somebody to be, and somebody else. */
export const OPENING = [
  requests.register({
    name: 'ann',
    mail: 'ann',
    password: requests.PASSWORDS[0],
    transport: 'body',
  }),
  requests.register({
    name: 'bob',
    mail: 'bob',
    password: requests.PASSWORDS[0],
    transport: 'cookie',
  }),
  requests.logIn({ name: 'ANN', byMail: true, password: null, transport: 'body' }),
]
