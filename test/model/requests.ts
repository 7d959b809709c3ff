import type { AsyncCommand } from 'fast-check'
import type { InjectOptions } from 'fastify'
import { ORIGIN } from '../support/factories.ts'
import { writeNotes } from '../support/seen.ts'
import {
  type Choice,
  DAY_MS,
  isLostForGood,
  newestOf,
  pickSession,
  resolve,
  sessionOf,
} from './choices.ts'
import { compare, refuseDead } from './compare.ts'
import * as reference from './reference.ts'
import { authorization, type Place, type Subject, send, showing, transportOf } from './subject.ts'
import type { Credential, Expected, Transport, World } from './world.ts'

export type Command = AsyncCommand<World, Subject>

export const PASSWORDS: [string, ...string[]] = [
  'violet-harbour-01',
  'copper-lantern-02',
  'silent-orchard-03',
]

type Request = {
  name: string
  credential?: (world: Readonly<World>) => Credential
  request: (world: World, subject: Subject, credential: Credential) => InjectOptions
  expect: (world: World, credential: Credential, subject: Subject) => Expected
  /** What has ended for the client once the answer has arrived. */
  acknowledge?: (subject: Subject, credential: Credential, world: World) => void
  mayUseDead?: boolean
}

/**
 * Whether the model cannot know what the server remembers of an access token, and it matters. Its
 * key is thrown away a day after it expired, and a token of the current generation counts as seen.
 * A backup from before a renewal brings older tokens back to life once the server has forgotten the
 * renewal.
 */
function isInDoubt(world: Readonly<World>, shown?: Credential): boolean {
  if (shown?.kind !== 'access') return false
  const { session, generation, exp } = reference.at(world.accessTokens, shown.index)
  const row = reference.at(world.sessions, session)
  const isCurrent = generation === row.generation && generation > 1
  const mayBeSeen = isCurrent && world.now >= exp * 1000 + DAY_MS
  const mayBeRevived = generation >= row.lowestLiving && generation < row.highestRenewal
  return !row.ended && (mayBeSeen || mayBeRevived)
}

/** One request to the server and to the model. */
function command({ name, credential, request, expect, acknowledge, mayUseDead }: Request): Command {
  return {
    check: (world) => !isInDoubt(world, credential?.(world)),
    async run(world, subject) {
      const shown = credential?.(world) ?? { kind: 'none' as const }
      const sent = request(world, subject, shown)
      const before = structuredClone(world)
      const expected = expect(world, shown, subject)
      const response = await send(subject, sent)
      // As the server does once a second: the model knows no moment between a request and its note.
      await writeNotes(subject.server)
      compare(world, subject, response, expected)
      if (!mayUseDead) refuseDead(before, subject, shown, response)
      if (response.statusCode < 300) acknowledge?.(subject, shown, before)
    },
    toString: () => name,
  }
}

const json = (value: unknown) => JSON.stringify(value)

export function register(wish: {
  name: string
  mail: string
  password: string
  transport: Transport
}): Command {
  const named = ({ prefix }: Subject) => ({
    username: `${prefix}-${wish.name}`,
    email: `${prefix}-${wish.mail}@Example.org`,
    password: wish.password,
    transport: wish.transport,
  })
  return command({
    name: `register ${json(wish)}`,
    request: (_world, subject) => ({
      method: 'POST',
      url: '/register',
      headers: { origin: ORIGIN },
      payload: named(subject),
    }),
    expect: (world, _credential, subject) => reference.register(world, named(subject)),
  })
}

export function logIn(wish: {
  name: string
  byMail: boolean
  password: string | null
  transport: Transport
}): Command {
  const login = ({ prefix }: Subject) =>
    wish.byMail ? `${prefix}-${wish.name}@example.ORG` : `${prefix}-${wish.name}`
  // Mostly the right password: a model finds little behind a door that stays shut.
  const passwordOf = (world: World, subject: Subject) =>
    wish.password ??
    world.accounts.findLast((account) =>
      [account.username, account.email].some(
        (name) => name.toLowerCase() === login(subject).toLowerCase(),
      ),
    )?.password ??
    PASSWORDS[0]
  const body = (world: World, subject: Subject) => ({
    password: passwordOf(world, subject),
    transport: wish.transport,
  })
  return command({
    name: `log in ${json(wish)}`,
    request: (world, subject) => ({
      method: 'POST',
      url: '/login',
      headers: { origin: ORIGIN },
      payload: { username: login(subject), ...body(world, subject) },
    }),
    expect: (world, _credential, subject) =>
      reference.logIn(world, { login: login(subject), ...body(world, subject) }),
  })
}

type RefreshWish = { place: Place | null; key: string | null }

export function refresh(choice: Choice, wish: RefreshWish): Command {
  const shown = (world: Readonly<World>) => resolve(world, choice)
  const inner = refreshWith(`refresh ${json({ ...choice, ...wish })}`, shown, wish)
  return { ...inner, check: (world) => !isLostForGood(world, shown(world)) }
}

/** What an honest client of that session does. */
export function refreshNewest(session: number): Command {
  const shown = (world: Readonly<World>) => newestOf(world, session)
  return refreshWith(`refresh ${session}`, shown, { place: null, key: null })
}

function refreshWith(
  name: string,
  credential: (world: Readonly<World>) => Credential,
  { place, key }: RefreshWish,
): Command {
  const placeOf = (world: World, shown: Credential): Place => {
    if (place) return place
    const token = shown.kind === 'refresh' && world.refreshTokens[shown.index]
    return token && world.sessions[token.session]?.transport === 'cookie' ? 'cookie' : 'body'
  }
  return command({
    name,
    credential,
    request: (world, subject, shown) => {
      const request = showing(subject, shown, placeOf(world, shown))
      const headers = { ...request.headers, ...(key ? { 'idempotency-key': key } : {}) }
      return { method: 'POST', url: '/refresh', ...request, headers }
    },
    expect: (world, shown) => {
      const transport = transportOf(placeOf(world, shown))
      return reference.refresh(world, { credential: shown, transport, key })
    },
  })
}

export function logOut(choice: Choice, at: Place): Command {
  const inner = command({
    name: `log out ${json({ ...choice, at })}`,
    credential: (world) => resolve(world, choice),
    request: (_world, subject, credential) => {
      const place = credential.kind === 'access' ? 'header' : at
      return { method: 'POST', url: '/logout', ...showing(subject, credential, place) }
    },
    expect: (world, credential) => reference.logOut(world, credential),
    acknowledge: (subject, credential, world) => {
      const session = sessionOf(world, credential)
      if (session >= 0) subject.dead.add(session)
    },
    mayUseDead: true,
  })
  // The key of an access token is thrown away a day after the token's end; nobody can read it then.
  const check = (world: Readonly<World>) => {
    const credential = resolve(world, choice)
    if (credential.kind !== 'access') return true
    return world.now < reference.at(world.accessTokens, credential.index).exp * 1000 + DAY_MS
  }
  return { ...inner, check }
}

export const read = (choice: Choice, url: '/me' | '/verify' | '/sessions') =>
  command({
    name: `GET ${url} ${json(choice)}`,
    credential: (world) => resolve(world, choice),
    request: (_world, subject, credential) => ({
      method: 'GET',
      url,
      headers: authorization(subject, credential),
    }),
    expect: (world, credential) =>
      url === '/sessions' ? reference.list(world, credential) : reference.look(world, credential),
  })

const NO_SESSION = '0190c0de-0000-7000-8000-000000000000'

export function revoke(choice: Choice, number: number): Command {
  const target = (world: World) => pickSession(world, number)
  return command({
    name: `revoke ${json({ ...choice, target: number })}`,
    credential: (world) => resolve(world, choice),
    request: (world, subject, credential) => ({
      method: 'DELETE',
      url: `/sessions/${subject.sessions[target(world)]?.id ?? NO_SESSION}`,
      headers: authorization(subject, credential),
    }),
    expect: (world, credential) => reference.revoke(world, credential, target(world)),
    acknowledge: (subject, _credential, world) => void subject.dead.add(target(world)),
  })
}

/** All sessions of the same person are over now, but perhaps the one that asked. */
export function killAll(subject: Subject, except: number, userId: string | undefined): void {
  for (const [index, session] of subject.sessions.entries()) {
    if (session.userId === userId && index !== except) subject.dead.add(index)
  }
}

function killOthers(subject: Subject, credential: Credential, world: World): void {
  const own = sessionOf(world, credential)
  killAll(subject, own, subject.sessions[own]?.userId)
}

export const revokeOthers = (choice: Choice) =>
  command({
    name: `revoke others ${json(choice)}`,
    credential: (world) => resolve(world, choice),
    request: (_world, subject, credential) => ({
      method: 'DELETE',
      url: '/sessions',
      headers: authorization(subject, credential),
    }),
    expect: (world, credential) => reference.revokeOthers(world, credential),
    acknowledge: killOthers,
  })

function ownPassword(world: World, credential: Credential): string {
  const session = world.sessions[sessionOf(world, credential)]
  return (session && world.accounts[session.account]?.password) ?? PASSWORDS[0]
}

export function changePassword(choice: Choice, wish: { isRight: boolean; shift: number }): Command {
  const passwords = (world: World, credential: Credential) => {
    const own = PASSWORDS.indexOf(ownPassword(world, credential))
    const current = (own + (wish.isRight ? 0 : 1)) % PASSWORDS.length
    const wanted = (current + wish.shift) % PASSWORDS.length
    return { current: reference.at(PASSWORDS, current), wanted: reference.at(PASSWORDS, wanted) }
  }
  return command({
    name: `change password ${json({ ...choice, ...wish })}`,
    credential: (world) => resolve(world, choice),
    request: (world, subject, credential) => {
      const { current, wanted } = passwords(world, credential)
      return {
        method: 'PUT',
        url: '/password',
        headers: { origin: ORIGIN, ...authorization(subject, credential) },
        payload: { currentPassword: current, newPassword: wanted },
      }
    },
    expect: (world, credential) =>
      reference.changePassword(world, credential, passwords(world, credential)),
    acknowledge: killOthers,
  })
}

export function deleteAccount(choice: Choice, isRight: boolean): Command {
  const passwordOf = (world: World, credential: Credential) =>
    isRight ? ownPassword(world, credential) : 'not-the-password'
  return command({
    name: `delete account ${json({ ...choice, isRight })}`,
    credential: (world) => resolve(world, choice),
    request: (world, subject, credential) => ({
      method: 'DELETE',
      url: '/me',
      headers: authorization(subject, credential),
      payload: { currentPassword: passwordOf(world, credential) },
    }),
    expect: (world, credential) =>
      reference.deleteAccount(world, credential, passwordOf(world, credential)),
    acknowledge: (subject, credential, world) =>
      killAll(subject, -1, subject.sessions[sessionOf(world, credential)]?.userId),
  })
}
