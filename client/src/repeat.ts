/** How often a request is sent at most. */
const ATTEMPTS = 4
/** A server that wants more patience than this is answered by the person who waits. */
const LONGEST_WAIT_SECONDS = 10
const FIRST_PAUSE_MS = 250

export type Send = (request: Request) => Promise<Response>
type Options = {
  send: Send
  /** Whether a request is sent again that may have arrived, since its answer did not. */
  alsoWithoutAnswer: boolean
}

/**
 * Sends a request, and again after 429 and 503, which say that nothing was done: as late as `Retry-After`
 * asks (RFC 9110 10.2.3), and otherwise after pauses that double, with jitter, so that the clients of a
 * server that comes back do not come all at once.
 * @throws what `send` throws, at the last attempt or when there must be no other
 */
export async function sendPatiently(request: Request, options: Options): Promise<Response> {
  const { send, alsoWithoutAnswer } = options
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const { response, error } = await outcomeOf(send(request.clone()))
    if (response && !isWorthWaiting(response)) return response
    if (error && (!alsoWithoutAnswer || request.signal?.aborted)) throw error
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

function isWorthWaiting(response: Response): boolean {
  const { status } = response
  return (status === 429 || status === 503) && secondsToWait(response) <= LONGEST_WAIT_SECONDS
}

function secondsToWait(response: Response | undefined): number {
  return Number(response?.headers.get('retry-after')) || 0
}

function backOff(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (1 + Math.random())
}

/** An aborted request need not wait: sending it fails at once. React Native's requests may have no signal. */
function pause(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
