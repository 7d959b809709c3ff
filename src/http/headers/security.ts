/**
 * Default headers of every response (ASVS 5.0 3.4): those of helmet 8, tightened for an API,
 * without those for obsolete browsers. Over https, browsers are told to stay there.
 */
export function securityHeaders(publicUrl = ''): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    // For browsers without `frame-ancestors`.
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    // Keeps responses out of the processes of other sites; CORS is not affected.
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'x-permitted-cross-domain-policies': 'none',
    vary: 'Origin',
    ...(publicUrl.startsWith('https:')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  }
}
