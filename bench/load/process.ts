// Makes the load, in a process of its own. It knows the users of every server and their sessions.
import { answerQuestions } from '../support/helper.ts'
import { runClosed, runCounted } from './closed.ts'
import { runMixed } from './mixed.ts'
import type { Message, Question } from './questions.ts'
import { sourceOf } from './sources.ts'
import type { Target } from './target.ts'
import { targetNamed } from './targets.ts'
import { type Crowd, settle } from './users.ts'

type Served = { target: Target; port: number; crowd: Crowd }

const served = new Map<number, Served>()

answerQuestions(({ name, port, question }: Message) =>
  answer(servedOn(name, port), question).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`)
  }),
)

function servedOn(name: string, port: number): Served {
  const known = served.get(port)
  if (known?.target.name === name) return known
  const crowd: Crowd = { people: [], sessions: [], chains: [] }
  const fresh = { target: targetNamed(name), port, crowd }
  served.set(port, fresh)
  return fresh
}

async function answer(server: Served, question: Question): Promise<object> {
  switch (question.kind) {
    case 'settle':
      server.crowd = await settle(server.target, server.port, question)
      return { people: server.crowd.people.length }
    case 'closed':
      return runClosed(server.port, sourceOf(question.operation, server), question)
    case 'counted':
      return runCounted(server.port, sourceOf(question.operation, server), question)
    case 'mixed':
      return runMixed(server, question)
  }
}
