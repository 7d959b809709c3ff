// runs once
// The question for a proof in examples/spa: how long it is shown, and what the client hears.
import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import type { Challenge, Latchkey, OnStepUp, Problem, Proof } from '../../client/src/index.ts'
import { spaModule } from '../support/spa.ts'

type Question = {
  challenge: Challenge
  problem: Problem
  isBusy: boolean
  answer: (proof?: Proof) => Promise<void>
}
type Questions = {
  question: { get: () => Question | undefined; set: (asked: undefined) => void }
  askForProof: OnStepUp
  followAnswers: (latchkey: Latchkey) => () => void
  settled: () => void
}

const CHALLENGE: Challenge = {
  ...{ token: 'one', purpose: 'step_up', methods: ['password'], expiresIn: 600 },
}
const PROBLEM = { code: 'step_up_required', detail: 'Prove it.' } as Problem
const PROOF: Proof = { method: 'password', password: 'correct horse battery staple' }

let spa: Questions
before(async () => {
  spa = await spaModule('auth/step-up/question.ts', 'auth/ui/settled.ts')
})
beforeEach(() => spa.question.set(undefined))

test('an answer goes to the client, and the question stays until it is judged', async () => {
  const { latchkey, emit } = listeners()
  const stop = spa.followAnswers(latchkey)
  const asked = spa.askForProof(CHALLENGE, PROBLEM)

  const judged = spa.question.get()?.answer(PROOF)

  assert.deepEqual(await asked, PROOF)
  assert.equal(spa.question.get()?.isBusy, true)
  emit('refreshed')
  await judged
  assert.equal(spa.question.get(), undefined)
  stop()
})

test('a wrong answer brings the question back, with the reason', async () => {
  void spa.askForProof(CHALLENGE, PROBLEM)
  const judged = spa.question.get()?.answer(PROOF)

  void spa.askForProof(CHALLENGE, { ...PROBLEM, attemptsLeft: 4 })
  await judged

  assert.equal(spa.question.get()?.isBusy, false)
  assert.equal(spa.question.get()?.problem.attemptsLeft, 4)
})

test('a person who gives up, and one whose session ends, proves nothing', async () => {
  const { latchkey, emit } = listeners()
  const stop = spa.followAnswers(latchkey)
  const declined = spa.askForProof(CHALLENGE, PROBLEM)
  await spa.question.get()?.answer()
  assert.equal(await declined, undefined)

  const ended = spa.askForProof(CHALLENGE, PROBLEM)
  emit('signedOut')
  assert.equal(await ended, undefined)
  assert.equal(spa.question.get(), undefined)
  stop()
})

test('a failure of the call closes an answered question, and none that waits', async () => {
  const { latchkey } = listeners()
  const stop = spa.followAnswers(latchkey)
  void spa.askForProof(CHALLENGE, PROBLEM)

  // Something else on the page has come to its end.
  spa.settled()
  assert.ok(spa.question.get())
  const judged = spa.question.get()?.answer(PROOF)
  spa.settled()
  await judged

  assert.equal(spa.question.get(), undefined)
  stop()
})

test('a second question takes the place of the first, which is given up', async () => {
  const first = spa.askForProof(CHALLENGE, PROBLEM)

  void spa.askForProof({ ...CHALLENGE, token: 'two' }, PROBLEM)

  assert.equal(await first, undefined)
  assert.equal(spa.question.get()?.challenge.token, 'two')
})

/** As much of a client as the question listens to. */
function listeners() {
  const heard = new Map<string, () => void>()
  const on = (event: string, listener: () => void) => {
    heard.set(event, listener)
    return () => void heard.delete(event)
  }
  return {
    latchkey: { on } as unknown as Latchkey,
    emit: (event: string) => heard.get(event)?.(),
  }
}
