import { type Answer, headersOf, openConnection, wire } from './connection.ts'
import type { Contender, HttpRequest, Person, Session } from './contender.ts'
import type { Settle } from './load-questions.ts'

const PASSWORD = 'zqxj kvbp wmfg'
const AT_ONCE = 4

/** People who are registered with a server, each with a session for every purpose. */
export type Crowd = {
  people: Person[]
  /** For requests that leave a session as it is. */
  sessions: Session[]
  /** For refreshes: each answer gives the session for the next one. */
  chains: Session[]
}

/** Somebody new. @param name a few letters that nobody else has */
export function inventPerson(name: string): Person {
  return { username: `person-${name}`, email: `person-${name}@example.com`, password: PASSWORD }
}

/** The session that an answer gives; undefined when it gives none. */
export function sessionIn(contender: Contender, answer: Answer): Session | undefined {
  if (!isSuccess(answer)) return undefined
  try {
    return contender.sessionOf(answer.body, headersOf(answer))
  } catch {
    return undefined
  }
}

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** A server that knows nobody takes this for a session. */
const NOBODY: Session = { access: '' }

/** Registers people, a few at once; without any there is one empty session. @throws Error with an answer that was no success */
export async function settle(
  contender: Contender,
  port: number,
  { people: count, prefix, hasChains }: Settle,
): Promise<Crowd> {
  if (count === 0) return { people: [], sessions: [NOBODY], chains: [] }
  const people = Array.from({ length: count }, (_, at) => inventPerson(`${prefix}${at}`))
  const sessions: Session[] = new Array(count)
  const chains: Session[] = new Array(count)
  let next = 0

  async function work(): Promise<void> {
    const connection = openConnection(port)
    const ask = async (request: HttpRequest) =>
      expectSession(contender, request, await connection.exchange(wire(request)))
    for (let at = next++; at < count; at = next++) {
      const person = people[at] ?? inventPerson('')
      const session = await ask(contender.register(person))
      sessions[at] = session
      chains[at] = hasChains ? await ask(contender.login(person)) : session
    }
    connection.close()
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { people, sessions, chains }
}

function expectSession(contender: Contender, request: HttpRequest, answer: Answer): Session {
  const session = sessionIn(contender, answer)
  if (session) return session
  throw new Error(
    `${contender.name}: ${request.method} ${request.path} answered ${answer.status}: ${answer.body}`,
  )
}
