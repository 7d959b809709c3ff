// Where the requests of an operation come from, and what becomes of their answers.
import { type Connection, wire } from './connection.ts'
import type { Operation, Session, Target } from './target.ts'
import { type Crowd, sessionIn } from './users.ts'

/** Sends the next request of one slot (0, 1, …). @throws Error when it is no success */
export type Source = (connection: Connection, slot: number) => Promise<unknown>

type Dependencies = { target: Target; crowd: Crowd }

/** One request after the other for each slot, with as little work in between as possible. */
export function sourceOf(operation: Operation, needs: Dependencies): Source {
  return operation === 'refresh' ? refreshing(needs) : repeating(textsOf(operation, needs))
}

function textsOf(operation: Operation, { target, crowd }: Dependencies): string[] {
  if (operation === 'login') return signIns(target, crowd)
  const ask = operation === 'me' ? target.me : target.verify
  return crowd.sessions.map((session) => wire(ask(session)))
}

function signIns(target: Target, { people, sessions }: Crowd): string[] {
  return people.map((person, at) => wire(target.login(person, sessions[at] as Session)))
}

/** The same requests again and again, all of them in turn. */
function repeating(texts: string[]): Source {
  let turn = 0
  return (connection) => connection.exchange(texts[turn++ % texts.length] ?? '')
}

/** Each slot has a chain of its own: the session in an answer makes the next request. */
function refreshing({ target, crowd }: Dependencies): Source {
  return async (connection, slot) => {
    const session = crowd.chains[slot] as Session
    const answer = await connection.exchange(wire(target.refresh(session)))
    crowd.chains[slot] = { ...session, ...sessionIn(target, answer) }
  }
}
