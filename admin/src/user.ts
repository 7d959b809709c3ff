import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, all, fill, put, reload, report, say, timeOf } from './dom.ts'
import { forms } from './forms.ts'
import { badgesOf, device, events } from './lists.ts'
import { me } from './session.ts'
import { type Columns, table } from './table.ts'
import type { Event, List, Problem, Session, User } from './types.ts'

const CONFLICT = { detail: 'Somebody changed this account meanwhile. You see it as it is now.' }
let user: User

export async function loadUser(signal: AbortSignal, id: string): Promise<void> {
  const get = <Answer>(path: string) => call<Answer>(`GET ${path}`, undefined, signal)
  const [loaded, current, latest] = await Promise.all([
    get<User>(`users/${id}`),
    get<List<Session>>(`users/${id}/sessions`),
    get<List<Event>>(`events?size=10&userId=${id}`),
  ])
  show(loaded)
  put(table(sessions, current.items), $('#sessions'))
  put(
    [
      table(events, latest.items),
      html`<a href="#/events?userId=${id}">All events of this account</a>`,
    ],
    $('#latest'),
  )
}

const sessions: Columns<Session> = [
  ['From', 'Last used', 'Began', 'End'],
  (session) => [
    device(session),
    timeOf(session.lastUsedAt),
    timeOf(session.createdAt),
    html`<button data-call="DELETE /sessions/${session.id}" data-said="The session has ended.">End session</button>`,
  ],
]

function show(shown: User): void {
  user = shown
  const facts = { ...user, isMe: user.id === me?.id, isAdmin: user.role === 'admin' }
  for (const part of all('#user,dialog')) fill(facts, part)
  put(badgesOf(user), $('#badges'))
}

/** @param undo the change that takes it back */
export async function change(body: unknown, said?: string, undo?: unknown): Promise<void> {
  try {
    show(await call<User>(`PATCH users/${user.id}`, body, undefined, user.version))
    say(said, undo ? () => change(undo, 'Undone.') : undefined)
  } catch (problem) {
    reload()
    report((problem as Problem).status === 412 ? CONFLICT : (problem as Problem))
  }
}

/** @param row disappears at once, and returns if the server refuses */
export async function act(
  line: string,
  said: string | undefined,
  row: { hidden?: unknown },
): Promise<void> {
  row.hidden = true
  try {
    await call(line.replace(' ', ` users/${user.id}`))
    say(said)
    reload()
  } catch (problem) {
    row.hidden = false
    report(problem as Problem)
  }
}

export async function copy(): Promise<void> {
  await navigator.clipboard.writeText(user.id)
  say('Copied.')
}

forms.delete = async ({ username }) => {
  if (username !== user.username) throw { detail: 'This is not the username.' }
  await call(`DELETE users/${user.id}`, undefined, undefined, user.version)
  location.hash = '/users'
}

forms.create = async (body) => {
  const { id } = await call<User>('POST users', body)
  location.hash = `/users/${id}`
}
