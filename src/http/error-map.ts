import {
  Forbidden,
  HeadersTooLarge,
  Internal,
  InvalidToken,
  MalformedRequest,
  MethodNotAllowed,
  NotAcceptable,
  NotFound,
  Overloaded,
  PayloadTooLarge,
  RateLimited,
  RequestTimeout,
  Unavailable,
  UnsupportedMediaType,
  UriTooLong,
} from '../platform/error-table.ts'
import { CodedError, type ErrorFactory } from '../platform/errors.ts'

/** Errors of Fastify that need more than their status says. */
const byCode: Record<string, (cause: unknown) => CodedError> = {
  FST_ERR_BAD_URL: (cause) =>
    MalformedRequest({ detail: 'The path is not valid percent-encoded UTF-8.', cause }),
  // A path parameter over the limit of the router is a name that nothing has.
  FST_ERR_MAX_PARAM_LENGTH: (cause) => NotFound({ cause }),
  FST_ERR_HANDLER_TIMEOUT: (cause) => Overloaded({ cause }),
  FST_ERR_CTP_INVALID_JSON_BODY: (cause) =>
    MalformedRequest({ detail: 'The body is not valid JSON.', cause }),
  FST_ERR_CTP_EMPTY_JSON_BODY: (cause) =>
    MalformedRequest({ detail: 'The body is not valid JSON.', cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    MalformedRequest({ detail: 'The body is not as long as Content-Length says.', cause }),
  ECONNRESET: (cause) => MalformedRequest({ detail: 'The request was cut off.', cause }),
}

const byStatus: Record<number, ErrorFactory> = {
  400: MalformedRequest,
  401: InvalidToken,
  403: Forbidden,
  404: NotFound,
  405: MethodNotAllowed,
  406: NotAcceptable,
  408: RequestTimeout,
  413: PayloadTooLarge,
  414: UriTooLong,
  415: UnsupportedMediaType,
  429: RateLimited,
  431: HeadersTooLarge,
}

/**
 * Finds the row of the error table for anything that was thrown.
 * @param isUnavailable whether an error means that the database cannot be reached
 * @returns the error itself, the row for a known error of a library, or `internal`; the thrown thing
 *   is the `cause`, for the log only
 */
export function toCodedError(
  error: unknown,
  isUnavailable: (error: unknown) => boolean,
): CodedError {
  if (error instanceof CodedError) return error
  if (isUnavailable(error)) return Unavailable({ cause: error })
  const { code, statusCode, expose } = traits(error)
  const known = byCode[code]
  if (known !== undefined) return known(error)
  if (/^FAST_JWT_|^FST_JWT_/.test(code)) return InvalidToken({ cause: error })
  const isClientError = code.startsWith('FST_') || expose
  return ((isClientError ? byStatus[statusCode] : undefined) ?? Internal)({ cause: error })
}

type Traits = { code: string; statusCode: number; expose: boolean }

/** What libraries attach to their errors: Fastify a code, http-errors `expose`. */
function traits(error: unknown): Traits {
  const { code, statusCode, expose } = Object(error) as Partial<Record<keyof Traits, unknown>>
  return { code: String(code ?? ''), statusCode: Number(statusCode), expose: expose === true }
}
