// What everybody else sees: asks for /livez and /me at fixed moments, in a process of its own.
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { answerQuestions } from './flood-helpers.ts'
import { exchange } from './requests.ts'

/** Milliseconds of each answer, from the moment when its request was due. */
export type Probed = { '/livez': number[]; '/me': number[] }

const EVERY_MS = 5

const [base = '', token = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })

answerQuestions(async ({ ms }: { ms: number }): Promise<Probed> => {
  const [livez, me] = await Promise.all([probe('/livez', ms), probe('/me', ms)])
  return { '/livez': livez, '/me': me }
})

/** Those that are overdue go out together, as from clients that know nothing of each other. */
async function probe(path: string, ms: number): Promise<number[]> {
  const asked: Promise<number>[] = []
  const startedAt = performance.now()
  for (let due = startedAt; due < startedAt + ms; due += EVERY_MS) {
    const early = due - performance.now()
    if (early > 0) await pause(Math.ceil(early))
    asked.push(get(path).then(() => performance.now() - due))
  }
  return Promise.all(asked)
}

async function get(path: string): Promise<void> {
  const status = await exchange(base + path, {
    agent,
    headers: { authorization: `Bearer ${token}` },
  })
  if (status !== 200) throw new Error(`${path} answered ${status}`)
}
