import type { Challenge, Latchkey, User } from './index.ts'
import { createStopwatch } from './stopwatch.ts'
import { platform, use } from './webauthn.ts'

/** Before the end of a challenge a new one takes its place: the user needs time, too. */
const MARGIN_MS = 60_000
/** After a failure, doubled each time: some browsers refuse at once. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1000, 60_000]

type Options = { signal?: AbortSignal; onError?: (error: unknown) => void }
type Begun = { challenge: Challenge; endsAt: number }

/**
 * Passkeys that the browser offers in a form, while the page is open. A page makes one such offer
 * at most, and browsers do one thing at a time: what the user asks for interrupts it.
 */
export function createConditional() {
  const now = createStopwatch()
  let others: Promise<unknown> = Promise.resolve()
  let stop: (() => void) | undefined
  let interrupt: (() => Promise<unknown>) | undefined

  /** Does something else with the authenticator, one after the other. */
  function aside<T>(work: () => Promise<T>): Promise<T> {
    const run = others.then(async () => {
      await interrupt?.()
      return work()
    })
    others = run.catch(() => undefined)
    return run
  }

  /** @returns undefined without a sign-in; an earlier offer ends */
  async function signIn(latchkey: Latchkey, options: Options): Promise<User | undefined> {
    const { signal } = options
    if (!(await platform()?.isConditionalMediationAvailable?.())) return undefined
    const ended = new AbortController()
    const end = () => ended.abort()
    stop?.()
    stop = end
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end)
    const forget = latchkey.on('signedIn', end)
    try {
      return await offer(latchkey, ended.signal, options)
    } finally {
      forget()
      signal?.removeEventListener('abort', end)
    }
  }

  /** Offers passkeys until one signs in. */
  async function offer(latchkey: Latchkey, ended: AbortSignal, { onError }: Options) {
    let begun: Begun | undefined
    for (let pause = FIRST_PAUSE_MS; !ended.aborted; ) {
      try {
        begun = await freshOf(begun, latchkey)
        const credential = await wait(begun, ended)
        if (credential) return await answer(latchkey, begun, credential)
      } catch (error) {
        begun = undefined
        onError?.(error)
        await sleep(pause, ended)
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      }
    }
    return undefined
  }

  async function freshOf(begun: Begun | undefined, latchkey: Latchkey): Promise<Begun> {
    const at = now()
    if (begun && begun.endsAt > at) return begun
    const challenge = await latchkey.requestSignIn()
    return { challenge, endsAt: at + challenge.expiresIn * 1000 - MARGIN_MS }
  }

  /** @returns undefined when it was interrupted, or the challenge has expired */
  async function wait({ challenge, endsAt }: Begun, ended: AbortSignal) {
    for (let seen: unknown; seen !== others; ) {
      seen = others
      await seen
    }
    const controller = new AbortController()
    const { signal } = controller
    const abort = () => controller.abort()
    if (ended.aborted) return undefined
    ended.addEventListener('abort', abort)
    const timer = setTimeout(abort, endsAt - now())
    // The page is open for longer than the server expects of a dialog.
    const options = { ...challenge.passkey, timeout: undefined }
    const waiting = use(options, { mediation: 'conditional', signal })
    interrupt = () => {
      abort()
      return waiting.catch(() => undefined)
    }
    try {
      const credential = await waiting
      // A browser that gives up by itself is a failure.
      if (!credential && !signal.aborted) throw new Error('The browser offers no passkeys.')
      return credential
    } finally {
      interrupt = undefined
      clearTimeout(timer)
      ended.removeEventListener('abort', abort)
    }
  }

  return { aside, signIn }
}

function answer(latchkey: Latchkey, { challenge }: Begun, credential: object): Promise<User> {
  return latchkey.answerChallenge({ challenge: challenge.token, method: 'passkey', credential })
}

/** Ends early on abort. */
function sleep(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    ended.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
