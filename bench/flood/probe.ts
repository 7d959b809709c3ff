// What everybody else sees: asks for /livez and /me at fixed intervals, in a process of its own.
import { Agent } from 'node:http'
import { answerQuestions } from '../support/helper.ts'
import { atIntervals } from '../support/open-loop.ts'
import { bearer, exchange } from '../support/requests.ts'

export type Probe = { base: string; token: string; ms: number }
/** Milliseconds of each answer, from the moment when its request was due. */
export type Probed = { '/livez': number[]; '/me': number[] }

const EVERY_MS = 5
const agent = new Agent({ keepAlive: true })

answerQuestions(async ({ base, token, ms }: Probe): Promise<Probed> => {
  const probe = (path: string) =>
    atIntervals({ everyMs: EVERY_MS, ms }, async () => {
      const { status } = await exchange(base, bearer('GET', path, token), agent)
      if (status !== 200) throw new Error(`${path} answered ${status}`)
    })
  const [livez, me] = await Promise.all([probe('/livez'), probe('/me')])
  return { '/livez': livez, '/me': me }
})
