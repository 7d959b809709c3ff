const ATTEMPTS = 4
/** Longer Retry-After values go to the caller. */
const LONGEST_WAIT_SECONDS = 10
const FIRST_PAUSE_MS = 250

export type Send = (request: Request) => Promise<Response>
type Options = {
  send: Send
  /** Whether a request without an answer is repeated, although it may have arrived. */
  isIdempotent: boolean
}

/**
 * Sends a request, with retries after 429 and 503: after `Retry-After` (RFC 9110 10.2.3) and with
 * exponential backoff and jitter. @throws the error of `send` when no retry is left or allowed
 */
export async function sendWithRetries(request: Request, options: Options): Promise<Response> {
  const { send, isIdempotent } = options
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const { response, error } = await outcomeOf(send(request.clone()))
    if (response && !mayRetry(response)) return response
    if (error && (!isIdempotent || request.signal?.aborted)) throw error
    await pause(Math.max(secondsToWait(response) * 1000, backOff(attempt)), request.signal)
  }
  return send(request)
}

type Outcome = { response?: Response; error?: unknown }

function outcomeOf(answer: Promise<Response>): Promise<Outcome> {
  return answer.then(
    (response) => ({ response }),
    (error) => ({ error }),
  )
}

function mayRetry(response: Response): boolean {
  const { status } = response
  return (status === 429 || status === 503) && secondsToWait(response) <= LONGEST_WAIT_SECONDS
}

function secondsToWait(response: Response | undefined): number {
  return Number(response?.headers.get('retry-after')) || 0
}

function backOff(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (1 + Math.random())
}

/** Ends early on abort. React Native's requests may have no signal. */
function pause(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
