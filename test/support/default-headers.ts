import assert from 'node:assert/strict'

/** The headers of every response over http, unless its route says otherwise. */
export const defaultHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-permitted-cross-domain-policies': 'none',
  vary: 'Origin',
}

/** What an answer varies with that has a text for people. */
export const spoken = { vary: 'Origin, Accept-Language' }

/** The header that https adds. */
export const overHttps = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }

/** @param expected header names and values; undefined for a header that must not be there */
export function assertHeaders(
  { headers }: { headers: Record<string, unknown> },
  expected: Record<string, string | undefined>,
  what?: string,
): void {
  const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, headers[name]]))
  assert.deepEqual(seen, expected, what)
}
