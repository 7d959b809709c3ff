const TEXT_MAX = 200
/** Codes, secrets and tokens are long words; sentences have none but names of errors. */
const LONG_WORD = /[\w.~+/=%-]{25,}/g

/** A provider that cannot be used. The message is the reason for the log: no secret, no token. */
export class Unusable extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'Unusable'
  }
}

/** A text from outside for the log. */
export function printable(text: unknown): string {
  return String(text)
    .slice(0, TEXT_MAX)
    .replaceAll(/[^\x20-\x7e]/g, '?')
}

/** What a provider says of an error, without what it may repeat of the request. */
export function errorText(error: unknown, description: unknown = ''): string {
  const hidden = (word: string) => (/^[a-z]{1,20}(_[a-z]{1,20})+$/.test(word) ? word : '…')
  return printable(`error ${error} ${description}`).trim().replaceAll(LONG_WORD, hidden)
}

/** What a library says of a failure. Its `cause` may hold tokens, so little of it is taken. */
type LibraryError = Error & {
  code?: unknown
  error?: unknown
  error_description?: unknown
  status?: unknown
}

/** Why a provider cannot be used, for the log. */
export function reasonOf(error: unknown): string {
  const chain = chainOf(error)
  const own = chain.find((each) => each instanceof Unusable)
  if (own) return own.message
  const texts = chain.slice(0, 2).map(describe)
  return texts.filter(Boolean).join(': ') || 'unknown'
}

/** The error of OAuth in the body of an answer, such as `invalid_grant`. */
export function bodyErrorOf(error: unknown): string | undefined {
  const { code, error: name } = error as LibraryError
  return code === 'OAUTH_RESPONSE_BODY_ERROR' ? String(name) : undefined
}

/** Whether an ID token lacks the nonce of this attempt. */
export function isWrongNonce(error: unknown): boolean {
  return chainOf(error).some(({ message, code }) => isLibraryCode(code) && /"nonce"/.test(message))
}

function chainOf(error: unknown): LibraryError[] {
  const chain: LibraryError[] = []
  for (let each = error; each instanceof Error && chain.length < 5; each = each.cause)
    chain.push(each)
  return chain
}

function describe(error: LibraryError, depth: number): string {
  const { code, name, message, cause } = error
  if (code === 'OAUTH_RESPONSE_BODY_ERROR') return errorText(error.error, error.error_description)
  if (code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')
    return `status ${error.status}: the client or its token is refused`
  if (cause instanceof Response) return `${message} (${cause.status})`
  // Others may quote what they could not read.
  if (depth > 0 && !isLibraryCode(code)) return name
  return printable(message)
}

function isLibraryCode(code: unknown): boolean {
  return typeof code === 'string' && code.startsWith('OAUTH_')
}
