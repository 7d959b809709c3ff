// Makes the load, in a process of its own. It knows the people of every server and their sessions.
import type { Contender, Operation } from './contender.ts'
import { contenderNamed } from './contenders.ts'
import { runClosed } from './load-closed.ts'
import { runMixed } from './load-mixed.ts'
import { runOpen } from './load-open.ts'
import type { Errors, Message, Open, OpenFigures, Question, Reply } from './load-questions.ts'
import { sourceOf } from './load-sources.ts'
import { type Crowd, settle } from './people.ts'

/** How many requests of an operation may be under way at once while they come at fixed moments. */
const OPEN_PLACES: Record<Operation, number> = { verify: 64, me: 64, login: 8, refresh: 16 }

type Target = { contender: Contender; port: number; crowd: Crowd }

const targets = new Map<number, Target>()

process.on('message', async ({ id, name, port, question }: Message) => {
  const reply: Reply = { id }
  try {
    reply.answer = await answer(targetFor(name, port), question)
  } catch (error) {
    reply.error = (error as Error).message
  }
  process.send?.(reply)
})

function targetFor(name: string, port: number): Target {
  const known = targets.get(port)
  if (known?.contender.name === name) return known
  const crowd: Crowd = { people: [], sessions: [], chains: [] }
  const target = { contender: contenderNamed(name), port, crowd }
  targets.set(port, target)
  return target
}

async function answer(target: Target, question: Question): Promise<object> {
  const errors: Errors = {}
  const { port } = target
  switch (question.kind) {
    case 'settle':
      target.crowd = await settle(target.contender, port, question)
      return { people: target.crowd.people.length }
    case 'closed': {
      const source = sourceOf(question.operation, { ...target, errors })
      return runClosed(port, source, errors, question)
    }
    case 'open':
      return runAllOpen(target, question, errors)
    case 'mixed':
      return runMixed({ ...target, errors }, question)
  }
}

async function runAllOpen(
  target: Target,
  { perSecond, ms }: Open,
  errors: Errors,
): Promise<OpenFigures> {
  const rates = Object.entries(perSecond) as [Operation, number][]
  const times = await Promise.all(
    rates.map(async ([operation, rate]) => {
      const source = sourceOf(operation, { ...target, errors })
      const places = OPEN_PLACES[operation]
      const run = { perSecond: rate, places, ms }
      return [operation, await runOpen(target.port, source, run)] as const
    }),
  )
  return { times: Object.fromEntries(times), errors }
}
