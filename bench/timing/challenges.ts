import type { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { median, shuffle } from 'simple-statistics'
import { exchange, type HttpRequest, post } from '../support/requests.ts'
import { medianInterval } from '../support/statistics.ts'

/** How far the median of the paired differences may be from none, where it is sure to be there. */
const MOST_MS = 0.5
/** Until a mail is sent, so that it does not fall into the next request of another kind. */
const QUIET_MS = 30
const NEW_PASSWORD = 'a sentence that nobody uses'

/** Names of accounts in each state; strangers must not tell them apart. */
export type Names = { known: string[]; unknown: string[]; disabled: string[]; locked: string[] }
type Kind = keyof Names

/** What is timed, and the requests right behind it, which meet the sending of the mail. */
const STEPS = {
  begin: 'POST /challenges of a reset',
  send: 'POST /challenges/send',
  answer: 'POST /challenges/answer, wrong code',
  afterBegin: 'the slowest request right behind POST /challenges',
  afterSend: 'the slowest request right behind POST /challenges/send',
} as const
type Step = keyof typeof STEPS
type Round = Record<Step, number>

/**
 * Compares a reset of each kind of name with that of a known one. Each round has all kinds, in an
 * order of chance, so that whatever else happens hits all of them.
 * @returns whether all are alike
 */
export async function compareChallenges(
  base: string,
  names: Names,
  { count, warmUp, agent }: { count: number; warmUp: number; agent: Agent },
): Promise<boolean> {
  const kinds = Object.keys(names) as Kind[]
  const rounds: Record<Kind, Round>[] = []
  for (let turn = 0; turn < warmUp + count; turn++) {
    const round: Partial<Record<Kind, Round>> = {}
    for (const kind of shuffle(kinds)) {
      const all = names[kind]
      round[kind] = await resetOnce(base, all[turn % all.length] ?? '', agent)
    }
    if (turn >= warmUp) rounds.push(round as Record<Kind, Round>)
  }
  const steps = Object.keys(STEPS) as Step[]
  return steps.map((step) => report(rounds, step, kinds)).every(Boolean)
}

async function resetOnce(base: string, login: string, agent: Agent): Promise<Round> {
  const timed = async (request: HttpRequest, status: number) => {
    const startedAt = performance.now()
    const answer = await exchange(base, request, agent)
    const ms = performance.now() - startedAt
    if (answer.status === status) return { ms, body: answer.body }
    throw new Error(`${request.method} ${request.path} answered ${answer.status}: ${answer.body}`)
  }
  const slowestBehind = async () => {
    const until = performance.now() + QUIET_MS
    let slowest = 0
    while (performance.now() < until) {
      slowest = Math.max(slowest, (await timed({ method: 'GET', path: '/livez' }, 200)).ms)
    }
    await pause(QUIET_MS)
    return slowest
  }
  const begun = await timed(post('/challenges', { purpose: 'reset_password', login }), 201)
  const afterBegin = await slowestBehind()
  const { token: challenge } = JSON.parse(begun.body) as { token: string }
  const sent = await timed(post('/challenges/send', { challenge }), 202)
  const afterSend = await slowestBehind()
  const code = String(Math.floor(Math.random() * 1e8)).padStart(8, '0')
  const proof = { challenge, method: 'mail_code', code, newPassword: NEW_PASSWORD }
  const answered = await timed(post('/challenges/answer', proof), 401)
  return { begin: begun.ms, afterBegin, send: sent.ms, afterSend, answer: answered.ms }
}

/** Prints how far each kind is from the known names. @returns whether all are alike */
function report(rounds: readonly Record<Kind, Round>[], step: Step, kinds: Kind[]): boolean {
  const times = (kind: Kind) => rounds.map((round) => round[kind][step])
  console.log(`${STEPS[step]}: known ${ms(median(times('known')))} ms`)
  const verdicts = kinds
    .filter((kind) => kind !== 'known')
    .map((kind) => {
      const differences = rounds.map((round) => round[kind][step] - round.known[step])
      const { median: difference, low, high } = medianInterval(differences)
      const isAlike = Math.abs(difference) < MOST_MS || (low < 0 && high > 0)
      console.log(
        `${isAlike ? 'alike' : 'APART'}  ${kind} ${ms(median(times(kind)))} ms, paired difference ${ms(difference)} ms; with 95 % confidence ${ms(low)} to ${ms(high)} ms`,
      )
      return isAlike
    })
  console.log()
  return verdicts.every(Boolean)
}

function ms(value: number): string {
  return value.toFixed(2)
}
