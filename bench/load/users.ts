import { PASSWORD } from '../support/requests.ts'
import { type Answer, headersOf, openConnection, wire } from './connection.ts'
import { CONNECTIONS, type Settle } from './questions.ts'
import type { Person, Session, Target } from './target.ts'

const CONCURRENCY = 4

/** People who are registered with a server, and their sessions. */
export type Crowd = {
  people: Person[]
  /** For requests that leave a session as it is. */
  sessions: Session[]
  /**
   * For refreshes: each answer gives the session for the next one. They belong to people who never
   * sign in again: somebody with many sessions loses the oldest.
   */
  chains: Session[]
}

/** Somebody new. @param name a few letters that nobody else has */
export function inventPerson(name: string): Person {
  return { username: `person-${name}`, email: `person-${name}@example.com`, password: PASSWORD }
}

/** The session that an answer gives. */
export function sessionIn(target: Target, answer: Answer): Session {
  return target.sessionOf(answer.body, headersOf(answer))
}

/** A server that knows nobody takes this for a session. */
const NOBODY: Session = { access: '' }

/** Registers users, a few at once; none gives one empty session. @throws Error with the answer */
export async function settle(
  target: Target,
  port: number,
  { people: count, prefix }: Settle,
): Promise<Crowd> {
  if (count === 0) return { people: [], sessions: [NOBODY], chains: [] }
  const length = count + CONNECTIONS.refresh
  const people = Array.from({ length }, (_, at) => inventPerson(`${prefix}${at}`))
  const sessions: Session[] = new Array(length)
  const entries = people.entries()

  async function work(): Promise<void> {
    const connection = openConnection(port)
    for (const [at, person] of entries) {
      const answer = await connection.exchange(wire(target.register(person)))
      sessions[at] = sessionIn(target, answer)
    }
    connection.close()
  }

  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  return {
    people: people.slice(0, count),
    sessions: sessions.slice(0, count),
    chains: sessions.slice(count),
  }
}
