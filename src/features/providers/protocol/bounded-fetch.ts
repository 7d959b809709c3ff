import { noSpans, type SpanFacts, type Spans } from '../../../platform/tracing/spans.ts'
import { type Caller, callable, placeOf } from './addresses.ts'
import { printable, Unusable } from './unusable.ts'

/** Of one call, its body included. */
const CALL_MS = 5000
const BODY_MAX = 64 * 1024
const HEADERS_MAX = 16 * 1024

export type BoundedFetch = (address: string, init?: RequestInit) => Promise<Response>
export type FetchOptions = {
  /** Does the call. Tests answer instead of the network. */
  fetch?: typeof fetch
  callMs?: number
  spans?: Spans
}

/** Calls a provider: no redirects, no cookies, at most 64 KiB, all of it within five seconds. */
export function createBoundedFetch(caller: Caller, options: FetchOptions = {}): BoundedFetch {
  const { fetch = globalThis.fetch, callMs = CALL_MS, spans = noSpans } = options

  return async (address, init = {}) => {
    const url = callable(address, caller)
    const place = placeOf(url)
    requireShort(init.headers, place)
    try {
      const signal = AbortSignal.timeout(callMs)
      const bounds: RequestInit = { redirect: 'manual', credentials: 'omit', signal }
      const ask = async () => whole(await fetch(url, { ...init, ...bounds }), place)
      return await spans(factsOf(url, init), ask)
    } catch (error) {
      throw error instanceof Unusable ? error : new Unusable(`${place}: ${failure(error, callMs)}`)
    }
  }
}

/** Without its path and query, which may hold what nobody else should see. */
function factsOf(url: URL, { method = 'GET' }: RequestInit): SpanFacts {
  const attributes = { 'http.request.method': method, 'server.address': url.hostname }
  return { name: `${method} ${url.hostname}`, kind: 'client', attributes }
}

/** An access token of a provider may be of any length. */
function requireShort(headers: RequestInit['headers'], place: string): void {
  const size = [...new Headers(headers)].flat().join('').length
  if (size > HEADERS_MAX) throw new Unusable(`${place} would need headers that are too long`)
}

async function whole(response: Response, place: string): Promise<Response> {
  const { status, headers } = response
  if (status < 200 || (status >= 300 && status < 400)) {
    await response.body?.cancel()
    throw new Unusable(`${place} answers with a redirect (${status}), which is not followed`)
  }
  const bytes = await bodyOf(response, place)
  return new Response(bytes.length === 0 ? null : bytes, { status, headers })
}

/** Counts what arrives: `Content-Length` may lie, and packed bodies grow. */
async function bodyOf(response: Response, place: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > BODY_MAX) throw new Unusable(`${place} answers with more than ${BODY_MAX} bytes`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** `fetch failed` says nothing; its cause does. */
function failure(error: unknown, callMs: number): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return `no whole answer within ${callMs} ms`
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  return printable(code ?? message)
}
