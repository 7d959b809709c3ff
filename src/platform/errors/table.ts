import { defineError, type ErrorDefinition } from './api-error.ts'

// Errors that any HTTP service has. Codes are public and stable; texts may change.

export const ValidationFailed = defineError({
  code: 'validation_failed',
  status: 400,
  action: 'fix_request',
  title: 'Validation failed',
  detail: 'The request is not valid; see errors.',
  explanation:
    'Each entry of `errors` names one problem: where it is (a JSON pointer), its code, and a sentence for people. The list is complete. Unknown fields, wrong JSON types and values out of range are refused: the server converts nothing and drops nothing silently.',
})

export const MalformedRequest = defineError({
  code: 'malformed_request',
  status: 400,
  action: 'fix_request',
  title: 'Malformed request',
  detail: 'The request could not be read.',
  explanation:
    'The server cannot parse the request: the body is not valid JSON, its length is wrong, the URL is not valid, or a header is broken. JSON may have at most 20 levels and 1,000 members and elements. `Host`, `Authorization` and `Content-Type` may be sent once.',
})

export const NotFound = defineError({
  code: 'not_found',
  status: 404,
  action: 'none',
  title: 'Not found',
  detail: 'There is nothing at this path.',
  explanation: 'The path or the resource does not exist, or you may not see it.',
})

export const MethodNotAllowed = defineError({
  code: 'method_not_allowed',
  status: 405,
  action: 'fix_request',
  title: 'Method not allowed',
  detail: 'This path does not support this method; see the Allow header.',
  explanation: 'The path exists and supports other methods. The `Allow` header lists them.',
})

export const NotAcceptable = defineError({
  code: 'not_acceptable',
  status: 406,
  action: 'fix_request',
  title: 'Not acceptable',
  detail: 'The Accept header excludes every media type that this path can send.',
  explanation:
    'The `Accept` header of the request excludes every media type that the path can send. API paths send `application/json`.',
})

export const RequestTimeout = defineError({
  code: 'request_timeout',
  status: 408,
  action: 'retry',
  title: 'Request timeout',
  detail: 'The request did not arrive in time.',
  explanation:
    'The headers or the body took too long to arrive, or an upload was slower than 4 KiB a second for 5 seconds. The server closed the connection.',
})

export const PayloadTooLarge = defineError({
  code: 'payload_too_large',
  status: 413,
  action: 'fix_request',
  title: 'Payload too large',
  detail: 'The body is too large.',
  explanation: 'The body of the request is larger than this path accepts.',
})

export const UriTooLong = defineError({
  code: 'uri_too_long',
  status: 414,
  action: 'fix_request',
  title: 'URL too long',
  detail: 'The URL of the request is too long.',
  explanation: 'The path and the query string together may have at most 8,192 characters.',
})

export const UnsupportedMediaType = defineError({
  code: 'unsupported_media_type',
  status: 415,
  action: 'fix_request',
  title: 'Unsupported media type',
  detail: 'Send the body as application/json.',
  explanation: 'This path accepts bodies of another media type.',
})

export const RateLimited = defineError({
  code: 'rate_limited',
  status: 429,
  action: 'retry',
  title: 'Too many requests',
  detail: 'Too many requests; wait as long as Retry-After says.',
  explanation:
    'The rate limit for this kind of request is used up; `violated-policies` names it. Wait for as many seconds as `Retry-After` says, then retry.',
})

export const HeadersTooLarge = defineError({
  code: 'headers_too_large',
  status: 431,
  action: 'fix_request',
  title: 'Headers too large',
  detail: 'The headers of the request are too large.',
  explanation:
    'The request line and all headers together may have at most 16 KiB. There may be at most 100 headers.',
})

export const Internal = defineError({
  code: 'internal',
  status: 500,
  action: 'retry',
  title: 'Internal error',
  detail: 'Something went wrong on the server. Its log has the details under this request id.',
  explanation:
    'The error is on the side of the server. Its log has the details under the request id that `instance` names.',
})

export const Overloaded = defineError({
  code: 'overloaded',
  status: 503,
  action: 'retry',
  title: 'Overloaded',
  detail: 'The server is busy; retry soon.',
  explanation:
    'The server has more work than it can do in time, so it refuses some early. The session continues. Wait for as many seconds as `Retry-After` says, then retry.',
})

export const Unavailable = defineError({
  code: 'unavailable',
  status: 503,
  action: 'retry',
  title: 'Unavailable',
  detail: 'The database is not available; retry soon.',
  explanation:
    'The server cannot reach the database, or the database is locked. The session continues. Wait for as many seconds as `Retry-After` says, then retry.',
})

export const commonErrors: readonly ErrorDefinition[] = [
  ValidationFailed.definition,
  MalformedRequest.definition,
  NotFound.definition,
  MethodNotAllowed.definition,
  NotAcceptable.definition,
  RequestTimeout.definition,
  PayloadTooLarge.definition,
  UriTooLong.definition,
  UnsupportedMediaType.definition,
  RateLimited.definition,
  HeadersTooLarge.definition,
  Internal.definition,
  Overloaded.definition,
  Unavailable.definition,
]
