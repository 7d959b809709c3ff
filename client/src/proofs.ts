import { successful } from './exchange.ts'
import { isRefusal } from './problem.ts'
import type { Ask, Question } from './sender.ts'
import type { SessionBody } from './session-body.ts'

/**
 * Requests that may renew the session, which kills its older tokens: proofs, a change of the
 * password. So if an answer was lost and the session seems to have ended, it is asked for again.
 */
export function createProofs() {
  let unanswered: Question | undefined

  return {
    /** @returns the renewed session, if the request was for that @throws LatchkeyError */
    async send(ask: Ask, request: Question, key: string): Promise<SessionBody | undefined> {
      const headers = { 'idempotency-key': key }
      const question = { ...request, headers, isIdempotent: true }
      try {
        return await sessionOf(await successful(await ask(question)))
      } catch (failure) {
        if (!isRefusal(failure)) unanswered = question
        throw failure
      }
    },

    /** The older tokens still work: nothing was renewed, and what is lost must not be done late. */
    forget(): void {
      unanswered = undefined
    },

    /** @returns the session that a lost answer has renewed */
    async again(ask: Ask): Promise<SessionBody | undefined> {
      if (!unanswered) return undefined
      const response = await ask(unanswered)
      if (response.status < 500) unanswered = undefined
      return response.ok ? sessionOf(response) : undefined
    },
  }
}

async function sessionOf(response: Response): Promise<SessionBody | undefined> {
  const body = (await response.json()) as Partial<SessionBody>
  return body.access_token ? (body as SessionBody) : undefined
}
