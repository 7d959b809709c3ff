import { withBody } from './problem.ts'
import { randomKey } from './random-key.ts'
import { type Send, sendWithRetries } from './retry.ts'
import type { Transport } from './session-body.ts'

/** Timeout of a request about the session, for which all others wait. */
const SESSION_TIMEOUT_MS = 15_000

type Options = {
  baseUrl: string
  transport: Transport
  fetch?: Send
  /** For `Accept-Language` of each request. */
  language?: () => string
}

/** A request about the session, by default a POST. */
export type Question = {
  method?: string
  path: string
  body: object
  headers?: Record<string, string>
  /** Whether it is repeated when no answer came. */
  isIdempotent?: boolean
}

/** Sends it; resolves to a response of any status. */
export type Ask = (question: Question) => Promise<Response>

export type Sender = ReturnType<typeof createSender>

export function createSender({ baseUrl, transport, fetch, language }: Options) {
  const once: Send = fetch ?? ((request) => globalThis.fetch(request))
  const credentials = transport === 'cookie' ? { credentials: 'include' as const } : {}

  const ask: Ask = ({ method = 'POST', path, body, headers, isIdempotent = false }) => {
    const request = new Request(baseUrl + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(language && { 'accept-language': language() }),
        ...headers,
      },
      body: JSON.stringify(body),
      ...credentials,
    })
    return sendWithRetries(request, { send: (one) => sendWithTimeout(one, once), isIdempotent })
  }

  return {
    credentials,

    /** Sends a request unchanged and once. */
    once,

    /** Sends a request of the application, with the access token if there is one. */
    send(request: Request, token?: string, send = once): Promise<Response> {
      const { headers, method } = request
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      if (language && !headers.has('accept-language')) headers.set('accept-language', language())
      // The server does not repeat a request with a known key.
      if (method === 'POST' && !headers.has('idempotency-key')) {
        headers.set('idempotency-key', randomKey())
      }
      const isIdempotent = method === 'GET' || method === 'HEAD'
      return sendWithRetries(request, { send, isIdempotent })
    },

    /** Repeats a request without an answer. */
    surely: (request: Request) => sendWithRetries(request, { send: once, isIdempotent: true }),

    ask,
  }
}

/** Reads the whole body within the timeout; a response that breaks off is an error. */
async function sendWithTimeout(request: Request, send: Send): Promise<Response> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), SESSION_TIMEOUT_MS)
  try {
    const response = await send(new Request(request, { signal: controller.signal }))
    return withBody(response, await response.text())
  } finally {
    clearTimeout(timer)
  }
}
