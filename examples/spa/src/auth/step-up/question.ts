import type { Challenge, Latchkey, OnStepUp, Problem, Proof } from '@latchkey/client'
import { createStore, onSettled } from '../ui/index.ts'

/** What the server asks before it continues. */
export type Question = {
  challenge: Challenge
  /** Why; after a wrong answer that error. */
  problem: Problem
  /** Whether an answer is on its way. */
  isBusy: boolean
  /** Without a proof, the person does not want to. Resolves when the server has judged it. */
  answer: (proof?: Proof) => Promise<void>
}

/** One at a time: the client lets all calls that need the answer wait for it. */
export const question = createStore<Question | undefined>(undefined)

/** For `createLatchkey({ onStepUp })`: shows the question, and waits for what people answer. */
export const askForProof: OnStepUp = (challenge, problem) => {
  // An earlier question is given up where another one begins.
  void question.get()?.answer()
  return new Promise((resolve) => {
    const asked: Question = {
      ...{ challenge, problem, isBusy: false },
      answer(proof) {
        resolve(proof)
        if (question.get() !== asked) return Promise.resolve()
        if (!proof) return Promise.resolve(question.set(undefined))
        // It stays until the server has judged the proof, so that a wrong one is seen here.
        const judged = { ...asked, isBusy: true, answer: async () => question.set(undefined) }
        question.set(judged)
        return untilReplaced(judged)
      },
    }
    question.set(asked)
  })
}

function untilReplaced(asked: Question): Promise<void> {
  return new Promise((resolve) => {
    const stop = question.follow(() => {
      if (question.get() === asked) return
      stop()
      resolve()
    })
  })
}

/** Closes what was answered well, or what failed otherwise. @returns a function that ends it */
export function followAnswers(latchkey: Latchkey): () => void {
  const close = () => void question.get()?.answer()
  const closeAnswered = () => {
    if (question.get()?.isBusy) close()
  }
  const stops = [
    ...[latchkey.on('signedIn', closeAnswered), latchkey.on('refreshed', closeAnswered)],
    ...[latchkey.on('signedOut', close), onSettled(closeAnswered)],
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
