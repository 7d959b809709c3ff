import type { createApi } from './api.ts'
import type { components } from './api-types.ts'
import { successful } from './exchange.ts'
import { LatchkeyError } from './problem.ts'
import { randomKey } from './random-key.ts'
import type { Ask } from './sender.ts'
import type { Session } from './session.ts'
import type { Transport, User } from './session-body.ts'

/** What has to be proved: keep its `token` for the answer. */
export type Challenge = components['schemas']['Challenge']
/** The `token` of a challenge, and the code that a mail brought. */
export type MailedCode = { challenge: string; code: string }

type Dependencies = {
  ask: Ask
  api: ReturnType<typeof createApi>['api']
  transport: Transport
  open: Session['open']
}

/** Sign-ins, lost passwords and addresses to verify, by codes that the server mails. */
export function createMailedCodes({ ask, api, transport, open }: Dependencies) {
  async function post<Body>(question: Parameters<Ask>[0]): Promise<Body> {
    return (await successful(await ask(question))).json() as Promise<Body>
  }

  function answer<Body>(proof: MailedCode & { newPassword?: string }): Promise<Body> {
    // With a key, the same answer twice counts once.
    const headers = { 'idempotency-key': randomKey() }
    const body = { ...proof, method: 'mail_code' }
    return post({ path: '/challenges/answer', body, headers, isIdempotent: true })
  }

  return {
    /** Mails a code to sign in with, if there is such an account. @throws LatchkeyError */
    requestSignInCode: (login: string): Promise<Challenge> =>
      post({ path: '/challenges', body: { purpose: 'sign_in', login, transport } }),

    /**
     * Signs in with the code of a challenge: of `requestSignInCode`, or of the error of `signIn` or
     * `register`. @throws LatchkeyError: `invalid_credentials`, `challenge_over` …
     */
    answerChallenge: ({ challenge, code }: MailedCode): Promise<User> =>
      open('/challenges/answer', { challenge, method: 'mail_code', code }, randomKey()),

    /** Mails a code to the owner of the account, if there is one. @throws LatchkeyError */
    requestPasswordReset: (login: string): Promise<Challenge> =>
      post({ path: '/challenges', body: { purpose: 'reset_password', login } }),

    /** Sets a new password; nobody is signed in by it. @throws LatchkeyError: `weak_password` … */
    async resetPassword(reset: MailedCode & { newPassword: string }): Promise<void> {
      await answer(reset)
    },

    /** Mails a code to the address of the signed-in user, or to the new one. @throws LatchkeyError */
    async requestVerification(): Promise<Challenge> {
      const { data, error } = await api.POST('/challenges', { body: { purpose: 'verify_email' } })
      if (error) throw new LatchkeyError(error)
      return data
    },

    /** Verifies an address. @returns it @throws LatchkeyError: `invalid_credentials`, `challenge_over` … */
    async verifyEmail(proof: MailedCode): Promise<string> {
      const { email } = await answer<{ email: string }>(proof)
      // Brings the user up to date, if it is the one who is signed in.
      await api.GET('/me').catch(() => undefined)
      return email
    },

    /** Mails the code of a challenge again. @throws LatchkeyError */
    async resend(challenge: string): Promise<void> {
      await post({ path: '/challenges/send', body: { challenge } })
    },
  }
}
