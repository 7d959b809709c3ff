import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, fill, report, timeOf } from './dom.ts'
import { type Cells, putTable } from './table.ts'
import type { Event, List, User } from './types.ts'

/** The style of a badge has its name. */
export const badgesOf = (user: User) =>
  [
    user.role === 'admin' && 'Administrator',
    user.disabledAt && 'Disabled',
    user.lockedUntil && 'Locked',
    user.emailVerified
      ? !user.hasPassword && 'Passwordless'
      : user.hasPassword || user.identities
        ? 'Unverified'
        : 'Invited',
  ].map((badge) => badge && html`<b class=${badge}>${badge}</b>`)

export const soft = (text: string | null) => html`<small>${text}</small>`
const linkTo = (id: string, text: string) => html`<a href="#/users/${id}">${text}</a>`

export const device = ({ ip, userAgent }: Pick<Event, 'ip' | 'userAgent'>) => [ip, soft(userAgent)]

const users: Cells<User> = (user) => [
  [linkTo(user.id, user.username), soft(user.email)],
  badgesOf(user),
  timeOf(user.lastSignInAt),
  timeOf(user.createdAt),
]

export const events: Cells<Event> = (event) => [
  [event.type.replaceAll('_', ' '), event.count > 1 && ` × ${event.count}`, soft(event.detail)],
  timeOf(event.at),
  device(event),
  event.username
    ? linkTo(event.userId as string, event.username)
    : event.userId && ['deleted', soft(event.userId)],
  event.actorUsername,
]

const ID = /^[\da-f-]{36}$/
/** An id that no account has. */
const NOBODY = '00000000-0000-7000-8000-000000000000'
const lists: Record<string, Cells<never>> = { users, events }

/** Shows what the filters in the address ask for, page by page; events also of a username. */
export async function loadList(
  signal: AbortSignal,
  _id: unknown,
  name: string,
  params: URLSearchParams,
  before: unknown[] = [],
): Promise<void> {
  const get = <Item>(path: string) => call<List<Item>>(`GET ${path}`, undefined, signal)
  const account = params.get('userId')?.trim().toLowerCase()
  if (account && !ID.test(account)) {
    const like = await get<User>(`users?sort=username&size=100&q=${encodeURIComponent(account)}`)
    const isNamed = ({ username, email }: User) =>
      [username, email].some((text) => text.toLowerCase() === account)
    params.set('userId', like.items.find(isNamed)?.id ?? NOBODY)
  }
  const { items, nextCursor } = await get(`${name}?${params}`)
  const shown = [...before, ...items]
  fill({ count: shown.length, nextCursor }, $(`#${name}`))
  putTable(`#${name} .list`, lists[name] as Cells<unknown>, shown)
  $(`#${name} .more`).onclick = () => {
    params.set('cursor', nextCursor as string)
    loadList(signal, 0, name, params, shown).catch((problem) => signal.aborted || report(problem))
  }
}
