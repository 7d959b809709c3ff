import { randomUUID } from 'node:crypto'
import type { FleetServer } from '../machines/server.ts'
import { createClient, Lost, type Session, take } from './client.ts'
import type { Journal } from './journal.ts'
import { type AskServer, createNotes } from './notes.ts'

export type Person = ReturnType<typeof createPerson>

type Options = {
  port: number
  address: string
  journal: Journal
  /** Hears that the server said that this token has ended. */
  onEnded: (access: string) => void
}

/** Somebody with an account: a session that must last, and acts that leave a trace. */
export function createPerson({ port, address, journal, onEnded }: Options) {
  const client = createClient({ port, address, journal })
  const username = `person-${randomUUID().slice(0, 13)}`
  const session: Session = { id: '', access: '', refresh: '' }
  const notes = createNotes({ client, session, journal })
  let password = `a long password ${randomUUID()}`
  let name = ''

  /** A retry finds its own account. */
  async function register(): Promise<void> {
    const body = { username, email: `${username}@example.com`, password }
    const answer = await client.ask({
      ...{ method: 'POST', path: '/register', body, expects: [201, 409] },
    })
    if (answer.status === 201) take(session, answer)
    else await signIn(session)
  }

  async function signIn(into: Session): Promise<void> {
    const body = { username, password }
    take(into, await client.ask({ method: 'POST', path: '/login', body, expects: [200] }))
  }

  const get = (path: string) => client.ask({ method: 'GET', path, session, expects: [200] })

  async function rename(): Promise<void> {
    const next = `Name ${randomUUID()}`
    await client.ask({
      ...{ method: 'PATCH', path: '/me', body: { name: next }, session, expects: [200] },
    })
    name = next
  }

  /** A second device signs in, and the session of one of both ways to end it ends. */
  async function visit(): Promise<void> {
    const second: Session = { id: '', access: '', refresh: '' }
    await signIn(second)
    const { access } = second
    if (Math.random() < 0.5) {
      const body = { refresh_token: second.refresh }
      await client.ask({ method: 'POST', path: '/logout', body, expects: [200] })
    } else {
      const path = `/sessions/${second.id}`
      const { status, mayBeRepeated } = await client.ask({
        ...{ method: 'DELETE', path, session, expects: [204, 404] },
      })
      if (status === 404 && !mayBeRepeated) journal.accuse('a session of a second device is gone')
    }
    onEnded(access)
  }

  async function changePassword(): Promise<void> {
    const newPassword = `a new password ${randomUUID()}`
    const { access } = session
    const body = { currentPassword: password, newPassword }
    const answer = await client.ask({
      ...{ method: 'PUT', path: '/password', body, session },
      ...{ key: randomUUID(), expects: [200] },
    })
    password = newPassword
    take(session, answer)
    onEnded(access)
  }

  const acts: [number, () => Promise<unknown>][] = [
    [38, () => get('/verify')],
    [20, () => get('/me')],
    [10, () => client.refresh(session)],
    [9, notes.create],
    [8, notes.read],
    [7, notes.change],
    [2, () => get('/sessions')],
    [3, rename],
    [2, visit],
    [1, changePassword],
  ]

  const chances = acts.flatMap(([share, act]) => Array<typeof act>(share).fill(act))

  /** One act, chosen by its share of a hundred. */
  async function act(): Promise<void> {
    const chosen = chances[Math.floor(Math.random() * chances.length)] ?? notes.read
    await chosen()
  }

  const askServer: AskServer = async (server, path) => {
    const headers = { authorization: `Bearer ${session.access}`, 'x-forwarded-for': address }
    const asked = { method: 'GET', path, headers }
    const answer = await client.wire.exchange(server.port, asked)
    if (answer.status === 200) return answer
    journal.accuse(`${server.name} refuses what it must know`, asked, answer)
    throw new Lost('read back')
  }

  /** Compares all that was acknowledged with what one server says. */
  async function readBack(server: FleetServer): Promise<void> {
    const { body: me } = await askServer(server, '/me')
    if (name !== '' && me.name !== name) {
      journal.accuse(`an acknowledged name is lost at ${server.name}: ${name} is ${me.name}`)
    }
    const { body } = await askServer(server, '/sessions')
    const ids = (body.items as { id: string }[]).map(({ id }) => id)
    if (!ids.includes(session.id)) journal.accuse(`a session is lost at ${server.name}`)
    await notes.readBack(server, askServer)
  }

  return {
    ...{ register, act, readBack, close: client.close },
    /** Before it reads back, so that its token is fresh. */
    refresh: () => client.refresh(session),
  }
}
