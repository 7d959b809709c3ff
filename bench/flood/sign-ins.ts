// The flood: many connections that sign in again and again, each as soon as it has its answer, in a
// process of its own with a lower priority, as if it came from elsewhere.
import { getPriority, setPriority } from 'node:os'
import autocannon from 'autocannon'
import { answerQuestions } from '../support/helper.ts'

export type SignIn = { username: string; password: string; headers?: Record<string, string> }
/** Each connection sends one of the sign-ins. */
export type Flood = { base: string; signIns: SignIn[]; connections: number; ms: number }
export type Flooded = {
  /** How many answers of each status there were. */
  statuses: Record<number, number>
  /** Refusals that do not say when to retry. */
  withoutRetryAfter: number
  /** Connections that failed, or waited too long. */
  broken: number
  /** Milliseconds of each answer that was no refusal. */
  served: number[]
}

const LOWER_PRIORITY = 10
const TIMEOUT_SECONDS = 30

setPriority(Math.min(getPriority() + LOWER_PRIORITY, 19))

answerQuestions(async ({ base, signIns, connections, ms }: Flood): Promise<Flooded> => {
  const flooded: Flooded = { statuses: {}, withoutRetryAfter: 0, broken: 0, served: [] }
  let at = 0
  const { errors } = await autocannon({
    url: base,
    connections,
    duration: ms / 1000,
    sampleInt: 100,
    timeout: TIMEOUT_SECONDS,
    setupClient: (client) => {
      const { headers, ...account } = signIns[at++ % signIns.length] ?? {}
      const type = { 'content-type': 'application/json' }
      const body = JSON.stringify(account)
      client.setRequests([
        { method: 'POST', path: '/login', headers: { ...type, ...headers }, body },
      ])
      let lastHeaders: string[] = []
      client.on('headers', (answer) => {
        lastHeaders = answer.headers as string[]
      })
      client.on('response', (status, _bytes, took) => count(flooded, status, took, lastHeaders))
    },
  })
  return { ...flooded, broken: errors }
})

function count(flooded: Flooded, status: number, ms: number, headers: string[]): void {
  flooded.statuses[status] = (flooded.statuses[status] ?? 0) + 1
  if (status !== 503) flooded.served.push(ms)
  else if (!headers.some((name) => name.toLowerCase() === 'retry-after')) {
    flooded.withoutRetryAfter += 1
  }
}
