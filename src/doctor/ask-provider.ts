import type { Provider } from '../config/provider.ts'

const MAX_BYTES = 64 * 1024

/** What a provider says of itself, or why it says nothing. */
export type Answer = {
  /** By its clock, to the second; undefined where it names no time. */
  readonly at: number | undefined
  /** Its discovery document, if it has to have one. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly problem: string | undefined
}

/**
 * Asks for the discovery document, or without one just for a sign of life.
 * @param patienceMs for the whole answer
 */
export async function askProvider(
  { issuer, protocol }: Provider,
  patienceMs: number,
): Promise<Answer> {
  const isOpenId = protocol === 'oidc'
  const address = isOpenId
    ? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    : issuer
  try {
    const response = await fetch(address, {
      method: isOpenId ? 'GET' : 'HEAD',
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    })
    const at = Date.parse(response.headers.get('date') ?? '')
    const found = isOpenId ? await documentIn(response, address) : { metadata: undefined }
    return { problem: undefined, ...found, at: Number.isNaN(at) ? undefined : at }
  } catch (error) {
    return { at: undefined, metadata: undefined, problem: `${address}: ${reasonOf(error)}` }
  }
}

type Found = { metadata: Answer['metadata']; problem?: string }

async function documentIn(response: Response, address: string): Promise<Found> {
  const refused = (what: string) => ({ metadata: undefined, problem: `${address} ${what}` })
  if (response.status !== 200) {
    await response.body?.cancel()
    return refused(`answers with status ${response.status} instead of a discovery document`)
  }
  const text = await textOf(response)
  if (text === undefined) return refused(`answers with more than ${MAX_BYTES} bytes`)
  const metadata = objectIn(text)
  return metadata ? { metadata } : refused('answers with something else than JSON')
}

async function textOf({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return 'no whole answer in time'
  const { cause = error } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
