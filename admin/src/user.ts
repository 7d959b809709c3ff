import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, all, fill, put, reload, report, say, timeOf } from './dom.ts'
import { forms } from './forms.ts'
import { badgesOf, device, events } from './lists.ts'
import { me } from './session.ts'
import { type Columns, table } from './table.ts'
import type { Event, List, Problem, Session, User } from './types.ts'

let user: User

export async function loadUser(signal: AbortSignal, id: string): Promise<void> {
  const get = <Items>(path: string) => call<List<Items>>(`GET ${path}`, signal)
  const [loaded, current, latest] = await Promise.all([
    get(`users/${id}`),
    get<Session>(`users/${id}/sessions`),
    get<Event>(`events?size=10&userId=${id}`),
  ])
  show(loaded as unknown as User)
  put(table(sessions, current.items), $('#sessions'))
  put(
    [table(events, latest.items), html`<a href="#/events?userId=${id}">All events of this account</a>`],
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
export async function change(body: unknown, said: string, undo?: unknown): Promise<void> {
  try {
    show(await call<User>(`PATCH users/${user.id}`, undefined, body, user.version))
    say(said, undo ? () => change(undo, 'Undone.') : undefined)
  } catch (problem) {
    conflict(problem as Problem)
  }
}

function conflict(problem: Problem): void {
  if (problem.status !== 412) return report(problem)
  reload()
  say('Somebody changed this account meanwhile. You see it as it is now.')
}

/** @param row disappears at once, and returns if the server refuses */
export async function act(line: string, said: string, row: HTMLElement | null): Promise<void> {
  row?.toggleAttribute('hidden', true)
  try {
    await call(line.replace(' ', ` users/${user.id}`))
    say(said)
    reload()
  } catch (problem) {
    row?.toggleAttribute('hidden', false)
    report(problem as Problem)
  }
}

export async function copy(): Promise<void> {
  await navigator.clipboard.writeText(user.id)
  say('Copied.')
}

/** Closes the dialog of the form, and goes to another page. */
function leave(dialog: string, hash: string, said: string): void {
  $<HTMLDialogElement>(dialog).close()
  location.hash = hash
  say(said)
}

forms.delete = async ({ username }) => {
  if (username !== user.username)
    throw { detail: '', errors: [{ pointer: '/username', detail: 'This is another name.' }] }
  await call(`DELETE users/${user.id}`, undefined, undefined, user.version)
  leave('#delete-user', '#/users', 'The account is deleted.')
}

forms.create = async (body) => {
  const { id } = await call<User>('POST users', undefined, body)
  leave('#new-user', `#/users/${id}`, 'The invitation is on its way.')
}
