// Makes the load, in a process of its own: one for each server, which knows its people and their sessions.
import { answerQuestions } from '../flood-helpers.ts'
import type { Operation } from './contender.ts'
import { contenderNamed } from './contenders.ts'
import { runClosed } from './load-closed.ts'
import { runMixed } from './load-mixed.ts'
import { runOpen } from './load-open.ts'
import type { Errors, Open, OpenFigures, Question } from './load-questions.ts'
import { sourceOf } from './load-sources.ts'
import { type Crowd, settle } from './people.ts'

/** How many requests of an operation may be under way at once while they come at fixed moments. */
const OPEN_PLACES: Record<Operation, number> = { verify: 64, me: 64, login: 8, refresh: 16 }

const [name = '', portText] = process.argv.slice(2)
const contender = contenderNamed(name)
const port = Number(portText)
let crowd: Crowd = { people: [], sessions: [], chains: [] }

answerQuestions(async (question: Question): Promise<object> => {
  const errors: Errors = {}
  switch (question.kind) {
    case 'settle':
      crowd = await settle(contender, port, question)
      return { people: crowd.people.length }
    case 'closed': {
      const source = sourceOf(question.operation, { contender, crowd, errors })
      return runClosed(port, source, errors, question)
    }
    case 'open':
      return runAllOpen(question, errors)
    case 'mixed':
      return runMixed({ contender, port, crowd, errors }, question)
  }
})

async function runAllOpen({ perSecond, ms }: Open, errors: Errors): Promise<OpenFigures> {
  const rates = Object.entries(perSecond) as [Operation, number][]
  const times = await Promise.all(
    rates.map(async ([operation, rate]) => {
      const source = sourceOf(operation, { contender, crowd, errors })
      const places = OPEN_PLACES[operation]
      return [operation, await runOpen(port, source, { perSecond: rate, places, ms })] as const
    }),
  )
  return { times: Object.fromEntries(times), errors }
}
