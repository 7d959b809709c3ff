import { defineError, type ErrorDefinition } from './api-error.ts'

// Errors that any HTTP service has. Codes are public and stable; texts may change.

export const ValidationFailed = defineError({
  code: 'validation_failed',
  status: 400,
  action: 'fix_request',
})

export const MalformedRequest = defineError({
  code: 'malformed_request',
  status: 400,
  action: 'fix_request',
})

export const NotFound = defineError({
  code: 'not_found',
  status: 404,
  action: 'none',
})

export const MethodNotAllowed = defineError({
  code: 'method_not_allowed',
  status: 405,
  action: 'fix_request',
})

export const NotAcceptable = defineError({
  code: 'not_acceptable',
  status: 406,
  action: 'fix_request',
})

export const RequestTimeout = defineError({
  code: 'request_timeout',
  status: 408,
  action: 'retry',
})

export const PayloadTooLarge = defineError({
  code: 'payload_too_large',
  status: 413,
  action: 'fix_request',
})

export const UriTooLong = defineError({
  code: 'uri_too_long',
  status: 414,
  action: 'fix_request',
})

export const UnsupportedMediaType = defineError({
  code: 'unsupported_media_type',
  status: 415,
  action: 'fix_request',
})

export const RateLimited = defineError({
  code: 'rate_limited',
  status: 429,
  action: 'retry',
})

export const HeadersTooLarge = defineError({
  code: 'headers_too_large',
  status: 431,
  action: 'fix_request',
})

export const Internal = defineError({
  code: 'internal',
  status: 500,
  action: 'retry',
})

export const Overloaded = defineError({
  code: 'overloaded',
  status: 503,
  action: 'retry',
})

export const Unavailable = defineError({
  code: 'unavailable',
  status: 503,
  action: 'retry',
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
