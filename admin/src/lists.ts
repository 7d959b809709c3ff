import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, fill, report, timeOf } from './dom.ts'
import { type Cells, putTable } from './table.ts'
import { texts } from './texts.ts'
import type { Event, List, User } from './types.ts'

/** The style of a badge has its name. */
export const badgesOf = (user: User) =>
  [
    user.role === 'admin' && 'admin',
    user.disabledAt && 'disabled',
    user.lockedUntil && 'locked',
    user.emailVerified
      ? !user.hasPassword && 'passwordless'
      : user.hasPassword || user.identities
        ? 'unverified'
        : 'invited',
  ].map((badge) => badge && html`<b class=${badge}>${texts[badge as 'admin']}</b>`)

export const soft = (text: string | null) => html`<small>${text}</small>`
const linkTo = (id: string, text: string) => html`<a href="#/users/${id}">${text}</a>`

export const device = ({ ip, userAgent }: Pick<Event, 'ip' | 'userAgent'>) => [ip, soft(userAgent)]

const users: Cells<User> = (user) => [
  [linkTo(user.id, user.username), soft(user.email)],
  badgesOf(user),
  timeOf(user.lastSignInAt),
  timeOf(user.createdAt),
]

/** As the filter says it; a page that is older than its server does not know every type. */
const typeOf = ({ type }: Event) => $<HTMLOptionElement>(`[value=${type}]`)?.text ?? type

export const events: Cells<Event> = (event) => [
  [typeOf(event), event.count > 1 && ` × ${event.count}`, soft(event.detail)],
  timeOf(event.at),
  device(event),
  event.username
    ? linkTo(event.userId as string, event.username)
    : event.userId && [texts.deleted, soft(event.userId)],
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
