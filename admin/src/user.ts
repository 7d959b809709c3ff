import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, all, fill, put, reload, report, say, timeOf } from './dom.ts'
import { forms } from './forms.ts'
import { badgesOf, device, events, soft } from './lists.ts'
import { me } from './session.ts'
import { type Cells, putTable } from './table.ts'
import { texts } from './texts.ts'
import type { Event, Identity, List, Problem, Session, User } from './types.ts'

/** The account that is shown; without an id while there is none to act on. */
let user = {} as User

export const isShown = (id?: string) => user.id === id

export const forget = () => {
  user = {} as User
  for (const dialog of all<HTMLDialogElement>('dialog')) dialog.close()
}

export async function loadUser(signal: AbortSignal, id: string): Promise<void> {
  const get = <Answer>(path: string) => call<Answer>(`GET ${path}`, undefined, signal)
  const [loaded, current, outside, latest] = await Promise.all([
    get<User>(`users/${id}`),
    get<List<Session>>(`users/${id}/sessions`),
    get<List<Identity>>(`users/${id}/identities`),
    get<List<Event>>(`events?size=10&userId=${id}`),
  ])
  show(loaded)
  putTable('#sessions', sessions, current.items)
  putTable('#identities', identities, outside.items)
  putTable('#latest', events, latest.items)
  $<HTMLAnchorElement>('#all-events').href = `#/events?userId=${id}`
}

const sessions: Cells<Session> = (session) => [
  device(session),
  timeOf(session.lastUsedAt),
  timeOf(session.createdAt),
  html`<button data-call="DELETE /sessions/${session.id}" data-said=${texts.sessionEnded}>${texts.endSession}</button>`,
]

const identities: Cells<Identity> = ({ id, provider, email, subject, lastUsedAt }) => [
  [provider, soft(email ?? subject)],
  timeOf(lastUsedAt),
  html`<button data-opens="#remove-identity" data-then="DELETE /identities/${id}">${texts.removeIdentity}</button>`,
]

function show(shown: User): void {
  user = shown
  const facts = {
    ...user,
    isMe: user.id === me?.id,
    isAdmin: user.role === 'admin',
    isInvited: !user.hasPassword && !user.emailVerified && !user.identities,
  }
  for (const part of all('#user,dialog')) fill(facts, part)
  put(badgesOf(user), $('#badges'))
}

/**
 * The message names the account, since another one may be shown by then.
 * @param undo the change that takes it back
 */
export async function change(
  body: string,
  said?: string,
  undo?: string,
  { id, version } = user,
): Promise<void> {
  try {
    const changed = await call<User>(`PATCH users/${id}`, JSON.parse(body), undefined, version)
    if (isShown(id)) show(changed)
    say(
      changed.username + texts.colon + said,
      undo ? () => change(undo, texts.undone, '', changed) : undefined,
    )
  } catch (problem) {
    reload()
    report((problem as Problem).status === 412 ? { detail: texts.conflict } : (problem as Problem))
  }
}

/** @param row disappears at once, and returns if the server refuses */
export async function act(
  line: string,
  said: string | undefined,
  row: { hidden?: unknown },
): Promise<void> {
  const { id, username } = user
  row.hidden = true
  try {
    await call(line.replace(' ', ` users/${id}`))
    say(username + texts.colon + said)
    reload()
  } catch (problem) {
    row.hidden = false
    report(problem as Problem)
  }
}

export async function copy(): Promise<void> {
  await navigator.clipboard.writeText(user.id)
  say(texts.copied)
}

forms.delete = async ({ username }) => {
  if (username !== user.username) throw { detail: texts.otherName }
  await call(`DELETE users/${user.id}`, undefined, undefined, user.version)
  location.hash = '/users'
}

forms.create = async (body) => {
  const { id } = await call<User>('POST users', body)
  location.hash = `/users/${id}`
}
