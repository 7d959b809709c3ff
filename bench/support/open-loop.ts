import { setTimeout as pause } from 'node:timers/promises'

/**
 * Acts at fixed intervals, whatever the answers take. What is overdue goes out together, as from
 * clients that know nothing of each other.
 * @returns milliseconds of each answer, from the moment when its request was due
 * @throws what the first act threw that failed; nothing more is sent after it
 */
export async function atIntervals(
  { everyMs, ms }: { everyMs: number; ms: number },
  act: () => Promise<unknown>,
): Promise<number[]> {
  const answers: Promise<number>[] = []
  const startedAt = performance.now()
  let hasFailed = false
  for (let due = startedAt; due < startedAt + ms && !hasFailed; due += everyMs) {
    const early = due - performance.now()
    if (early > 0) await pause(Math.ceil(early))
    const answer = act().then(() => performance.now() - due)
    answer.catch(() => {
      hasFailed = true
    })
    answers.push(answer)
  }
  return Promise.all(answers)
}
