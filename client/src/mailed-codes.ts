import type { createApi } from './api.ts'
import type { Challenge, Proof, ProviderProof, ProviderRedirect } from './challenge.ts'
import { successful } from './exchange.ts'
import { randomKey } from './random-key.ts'
import type { Ask } from './sender.ts'
import type { Session } from './session.ts'
import type { Transport, User } from './session-body.ts'
import type { StepUp } from './step-up.ts'

/** The `token` of a challenge, and the code that a mail brought. */
export type MailedCode = { challenge: string; code: string }
/** The `token` of a challenge, and what proves it. */
export type Answer = MailedCode | ((Proof | ProviderProof) & { challenge: string })

type ByProvider = { provider: string; codeChallenge: string; returnTo: string }
type RequestSignIn = {
  (by: ByProvider): Promise<ProviderRedirect>
  (by?: { login: string }): Promise<Challenge>
}

type Dependencies = {
  ask: Ask
  call: ReturnType<typeof createApi>['call']
  transport: Transport
  open: Session['open']
  stepUp: StepUp
}

/** Sign-ins, lost passwords and addresses to verify, by codes that the server mails. */
export function createMailedCodes({ ask, call, transport, open, stepUp }: Dependencies) {
  async function post<Body>(question: Parameters<Ask>[0]): Promise<Body> {
    return (await successful(await ask(question))).json() as Promise<Body>
  }

  function answer<Body>(
    proof: MailedCode & { newPassword?: string },
    key = randomKey(),
  ): Promise<Body> {
    // With a key, the same answer twice counts once.
    const headers = { 'idempotency-key': key }
    const body = { ...proof, method: 'mail_code' }
    return post({ path: '/challenges/answer', body, headers, isIdempotent: true })
  }

  const requestSignIn: RequestSignIn = <Body>(by?: object) =>
    post<Body>({ path: '/challenges', body: { purpose: 'sign_in', ...by, transport } })

  return {
    /** Begins a sign-in that any passkey completes, or a provider. @throws LatchkeyError */
    requestSignIn,

    /** Mails a code to sign in with, if there is such an account. @throws LatchkeyError */
    requestSignInCode: (login: string): Promise<Challenge> => requestSignIn({ login }),

    /**
     * Signs in with the answer to a challenge: of `requestSignInCode`, or of the error of `signIn`
     * or `register`. Without a `method` it is a mailed code.
     * @param key the same for a repetition
     * @throws LatchkeyError: `invalid_credentials`, `challenge_over` …
     */
    answerChallenge: (answer: Answer, key?: string): Promise<User> =>
      stepUp.around(() =>
        open('/challenges/answer', { method: 'mail_code', ...answer }, key ?? randomKey()),
      ),

    /** Mails a code to the owner of the account, if there is one. @throws LatchkeyError */
    requestPasswordReset: (login: string): Promise<Challenge> =>
      post({ path: '/challenges', body: { purpose: 'reset_password', login } }),

    /**
     * Sets a new password; nobody is signed in by it. @param key the same for a repetition
     * @throws LatchkeyError: `weak_password` …
     */
    async resetPassword(reset: MailedCode & { newPassword: string }, key?: string): Promise<void> {
      await answer(reset, key)
    },

    /** Mails a code to the address of the signed-in user, or to the new one. @throws LatchkeyError */
    requestVerification: (): Promise<Challenge> =>
      call('POST /challenges', { body: { purpose: 'verify_email' } }),

    /**
     * Verifies an address. @param key the same for a repetition @returns the address
     * @throws LatchkeyError: `invalid_credentials`, `challenge_over` …
     */
    async verifyEmail(proof: MailedCode, key?: string): Promise<string> {
      const { email } = await answer<{ email: string }>(proof, key)
      // Brings the user up to date, if it is the one who is signed in.
      await call('GET /me').catch(() => undefined)
      return email
    },

    /** Mails the code of a challenge again. @throws LatchkeyError */
    async resend(challenge: string): Promise<void> {
      await post({ path: '/challenges/send', body: { challenge } })
    },
  }
}
