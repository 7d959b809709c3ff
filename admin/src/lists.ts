import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, put, report, timeOf } from './dom.ts'
import { type Columns, table } from './table.ts'
import type { Event, List, User } from './types.ts'

export const badgesOf = (user: User) =>
  [
    user.role === 'admin' && html`<b>Administrator</b>`,
    user.disabledAt && html`<b class="bad">Disabled</b>`,
    user.lockedUntil && html`<b class="bad">Locked</b>`,
    !user.emailVerified && html`<b class="warn">Unverified</b>`,
  ] as unknown

const soft = (text: string | null) => html`<small>${text}</small>`
const linkTo = (id: string, text: string | null) => html`<a href="#/users/${id}">${text ?? id}</a>`

export const device = ({ ip, userAgent }: Pick<Event, 'ip' | 'userAgent'>) => [ip, soft(userAgent)]

const users: Columns<User> = [
  ['Account', 'Status', 'Last sign-in', 'Created'],
  (user) => [
    [linkTo(user.id, user.username), soft(user.email)],
    badgesOf(user),
    timeOf(user.lastSignInAt),
    timeOf(user.createdAt),
  ],
]

export const events: Columns<Event> = [
  ['Event', 'When', 'From', 'Account', 'By'],
  (event) => [
    [event.type.replaceAll('_', ' '), event.count > 1 && ` × ${event.count}`, soft(event.detail)],
    timeOf(event.at),
    device(event),
    event.userId && linkTo(event.userId, event.username),
    event.actorUsername,
  ],
]

const LISTS: Record<string, Columns<never>> = { users, events }

/** Shows what the filters in the address ask for, page by page. */
export async function loadList(
  signal: AbortSignal,
  name: string,
  params: URLSearchParams,
  before: unknown[] = [],
): Promise<void> {
  const { items, nextCursor } = await call<List<unknown>>(
    `GET ${name}?${params}`,
    undefined,
    signal,
  )
  const shown = [...before, ...items]
  const more = () => {
    params.set('cursor', nextCursor as string)
    loadList(signal, name, params, shown).catch((problem) => signal.aborted || report(problem))
  }
  put(
    html`<p role="status"><small>${shown.length} ${nextCursor ? 'shown, there are more' : 'found'}</small></p>
      ${table(LISTS[name] as Columns<unknown>, shown)}${nextCursor && html`<button onClick=${more}>Show more</button>`}`,
    $(`#${name} .list`),
  )
}
