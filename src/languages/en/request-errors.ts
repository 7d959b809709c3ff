/** By code: errors that any request may get. */
export const requestErrors = {
  validation_failed: {
    title: 'Validation failed',
    detail: 'The request is not valid; see errors.',
    explanation:
      'Each entry of `errors` names one problem: where it is (a JSON pointer), its code, and a sentence for people. The list is complete. Unknown fields, wrong JSON types and values out of range are refused: the server converts nothing and drops nothing silently.',
  },
  malformed_request: {
    title: 'Malformed request',
    detail: 'The request could not be read.',
    explanation:
      'The server cannot parse the request: the body is not valid JSON, its length is wrong, the URL is not valid, or a header is broken. JSON may have at most 20 levels and 1,000 members and elements. `Host`, `Authorization` and `Content-Type` may be sent once.',
  },
  not_found: {
    title: 'Not found',
    detail: 'There is nothing at this path.',
    explanation: 'The path or the resource does not exist, or you may not see it.',
  },
  method_not_allowed: {
    title: 'Method not allowed',
    detail: 'This path does not support this method; see the Allow header.',
    explanation: 'The path exists and supports other methods. The `Allow` header lists them.',
  },
  not_acceptable: {
    title: 'Not acceptable',
    detail: 'The Accept header excludes every media type that this path can send.',
    explanation:
      'The `Accept` header of the request excludes every media type that the path can send. API paths send `application/json`.',
  },
  request_timeout: {
    title: 'Request timeout',
    detail: 'The request did not arrive in time.',
    explanation:
      'The headers or the body took too long to arrive, or an upload was slower than 4 KiB a second for 5 seconds. The server closed the connection.',
  },
  project_no_taken: {
    title: 'Project number taken',
    detail: 'A house with this project number already exists.',
    explanation: 'Project numbers are unique.',
  },
  limit_reached: {
    title: 'Limit reached',
    detail: 'The limit is reached; remove something first.',
    explanation: 'You have as many of these as the documentation allows. Remove one first.',
  },
  precondition_failed: {
    title: 'Precondition failed',
    detail: 'The resource does not have the version that the request asks for.',
    explanation:
      '`If-Match` does not name the current version, or `If-None-Match` does. Somebody may have changed the resource since you read it. Read it again, then decide again.',
  },
  payload_too_large: {
    title: 'Payload too large',
    detail: 'The body is too large.',
    explanation:
      'The body of the request is larger than the limit. JSON bodies may have at most 64 KiB. Photos may have at most 5 MiB, and 20 MiB after re-encoding.',
  },
  uri_too_long: {
    title: 'URL too long',
    detail: 'The URL of the request is too long.',
    explanation: 'The path and the query string together may have at most 8,192 characters.',
  },
  unsupported_media_type: {
    title: 'Unsupported media type',
    detail: 'Send the body as application/json.',
    explanation:
      'Bodies are `application/json` in UTF-8. `POST /register`, `POST /login` and `POST /refresh` also take `application/x-www-form-urlencoded` and `multipart/form-data`. Photos come as `multipart/form-data`. Their content must be JPEG, PNG or WebP, and not animated.',
  },
  idempotency_mismatch: {
    title: 'Idempotency key used before',
    detail: 'This Idempotency-Key belongs to a different request.',
    explanation:
      'An `Idempotency-Key` names one request. Use a new key for a new request, and the same key only to retry the same request.',
  },
  rate_limited: {
    title: 'Too many requests',
    detail: 'Too many requests; wait as long as Retry-After says.',
    explanation:
      'The rate limit for this kind of request is used up; `violated-policies` names it. It is missing where a session had too many wrong passwords, or a user has too many uploads in progress. The session continues. Wait for as many seconds as `Retry-After` says, then retry. The header `RateLimit-Policy` says how many requests are allowed in how many seconds (draft-ietf-httpapi-ratelimit-headers).',
  },
  headers_too_large: {
    title: 'Headers too large',
    detail: 'The headers of the request are too large.',
    explanation:
      'The request line and all headers together may have at most 16 KiB. There may be at most 100 headers.',
  },
  internal: {
    title: 'Internal error',
    detail: 'Something went wrong on the server. Its log has the details under this request id.',
    explanation:
      'The error is on the side of the server. Its log has the details under the request id that `instance` names.',
  },
  overloaded: {
    title: 'Overloaded',
    detail: 'The server is busy; retry soon.',
    explanation:
      'The server has more work than it can do in time, so it refuses some early. The session continues. Wait for as many seconds as `Retry-After` says, then retry.',
  },
  unavailable: {
    title: 'Unavailable',
    detail: 'The database is not available; retry soon.',
    explanation:
      'The server cannot reach the database, or the database is locked. The session continues. Wait for as many seconds as `Retry-After` says, then retry.',
  },
}
