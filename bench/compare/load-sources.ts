// Where the requests of an operation come from, and what becomes of their answers.
import { type Answer, type Connection, wire } from './connection.ts'
import type { Contender, Operation, Session } from './contender.ts'
import type { Errors } from './load-questions.ts'
import { type Crowd, isSuccess, sessionIn } from './people.ts'

/** Sends the next request of one place (0, 1, …); answers whether it was a success. */
export type Source = (connection: Connection, place: number) => Promise<boolean>

type Needs = { contender: Contender; crowd: Crowd; errors: Errors }

/** One request after the other for each place, with as little work in between as possible. */
export function sourceOf(operation: Operation, needs: Needs): Source {
  return operation === 'refresh' ? refreshing(needs) : repeating(textsOf(operation, needs), needs)
}

/** Counts an answer that was no success. @returns whether it was one */
export function judge(answer: Answer, errors: Errors): boolean {
  if (isSuccess(answer)) return true
  errors[answer.status] = (errors[answer.status] ?? 0) + 1
  return false
}

function textsOf(operation: Operation, { contender, crowd }: Needs): string[] {
  if (operation === 'login') return crowd.people.map((person) => wire(contender.login(person)))
  const ask = operation === 'me' ? contender.me : contender.verify
  return crowd.sessions.map((session) => wire(ask(session)))
}

/** The same requests again and again; a place takes another one each time, so that all are used. */
function repeating(texts: string[], { errors }: Needs): Source {
  const turns: number[] = []
  return async (connection, place) => {
    const turn = turns[place] ?? place
    turns[place] = turn + 1
    return judge(await connection.exchange(texts[turn % texts.length] ?? ''), errors)
  }
}

/** Each place has a chain of its own: the session in an answer makes the next request. */
function refreshing({ contender, crowd, errors }: Needs): Source {
  return async (connection, place) => {
    const session = crowd.chains[place] as Session
    const answer = await connection.exchange(wire(contender.refresh(session)))
    if (!judge(answer, errors)) return false
    const next = sessionIn(contender, answer)
    if (next) crowd.chains[place] = { ...session, ...next }
    else errors.unreadable = (errors.unreadable ?? 0) + 1
    return next !== undefined
  }
}
