import { withBody } from './problem.ts'
import { randomKey } from './random-key.ts'
import { type Send, sendPatiently } from './repeat.ts'
import type { Transport } from './session.ts'

/** No answer to a request about the session itself may take longer: everything else waits for it. */
const LONGEST_ANSWER_MS = 15_000

type Options = {
  baseUrl: string
  transport: Transport
  fetch: Send | undefined
}

/** Sends a request about the session itself, by default a POST, and answers with a whole answer of any status. */
export type Ask = (question: {
  method?: string
  path: string
  body: object
  headers?: Record<string, string>
  /** Whether it is sent again when no answer came: doing it twice must be as good as once. */
  again?: boolean
}) => Promise<Response>

export type Sender = ReturnType<typeof createSender>

/** Sends requests to the server, and again where that is safe. */
export function createSender({ baseUrl, transport, fetch }: Options) {
  const once: Send = fetch ?? ((request) => globalThis.fetch(request))
  /** The cookie goes along to a server on another origin, too. */
  const credentials = transport === 'cookie' ? { credentials: 'include' as const } : {}

  const ask: Ask = ({ method = 'POST', path, body, headers, again = false }) => {
    const request = new Request(baseUrl + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      ...credentials,
    })
    return sendPatiently(request, { send: (one) => inTime(one, once), alsoWithoutAnswer: again })
  }

  return {
    credentials,

    /** Sends a request as it is. */
    once,

    /**
     * Sends a request of the application, signed with the access token if there is one.
     * @param send another way of sending
     */
    send(request: Request, token?: string, send = once): Promise<Response> {
      const { headers, method } = request
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      // So that nothing is done twice where the server knows such keys.
      if (method === 'POST' && !headers.has('idempotency-key')) {
        headers.set('idempotency-key', randomKey())
      }
      const alsoWithoutAnswer = method === 'GET' || method === 'HEAD'
      return sendPatiently(request, { send, alsoWithoutAnswer })
    },

    ask,
  }
}

/** Waits for the whole answer: one that breaks off is none, and is asked for again. */
async function inTime(request: Request, send: Send): Promise<Response> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), LONGEST_ANSWER_MS)
  try {
    const response = await send(new Request(request, { signal: controller.signal }))
    return withBody(response, await response.text())
  } finally {
    clearTimeout(timer)
  }
}
