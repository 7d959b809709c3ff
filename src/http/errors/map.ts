import { Forbidden, InvalidToken } from '../../contract/errors.ts'
import { ApiError, type ErrorFactory } from '../../platform/errors/api-error.ts'
import {
  HeadersTooLarge,
  Internal,
  MalformedRequest,
  MethodNotAllowed,
  NotAcceptable,
  NotFound,
  PayloadTooLarge,
  RateLimited,
  RequestTimeout,
  Unavailable,
  UnsupportedMediaType,
  UriTooLong,
} from '../../platform/errors/table.ts'

/** Errors of Fastify that need more than their status says. */
const byCode: Record<string, (cause: unknown) => ApiError> = {
  FST_ERR_BAD_URL: (cause) =>
    MalformedRequest({ detail: ({ details }) => details.pathEncoding, cause }),
  // A path parameter over the limit of the router is a name that nothing has.
  FST_ERR_MAX_PARAM_LENGTH: (cause) => NotFound({ cause }),
  FST_ERR_CTP_INVALID_JSON_BODY: (cause) =>
    MalformedRequest({ detail: ({ details }) => details.notJson, cause }),
  FST_ERR_CTP_EMPTY_JSON_BODY: (cause) =>
    MalformedRequest({ detail: ({ details }) => details.notJson, cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    MalformedRequest({ detail: ({ details }) => details.wrongLength, cause }),
  ECONNRESET: (cause) => MalformedRequest({ detail: ({ details }) => details.cutOff, cause }),
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

/** Maps anything thrown to an API error; what a library threw is its `cause`, for the log only. */
export function toApiError(error: unknown, isUnavailable: (error: unknown) => boolean): ApiError {
  if (error instanceof ApiError) return error
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
