/**
 * What every answer has unless its route says otherwise: those that are no success and those that Node's
 * parser refuses, too (ASVS 5.0 3.4). It is what helmet 8 sets, tightened for an API, without
 * `X-DNS-Prefetch-Control` (no page here links elsewhere), `X-Download-Options` (Internet Explorer 8) and
 * `X-XSS-Protection: 0` (switches off a filter that no browser has any more).
 * @param publicUrl own address; over https, browsers are told to stay there
 */
export function standingHeaders(publicUrl = ''): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    // For browsers from before `frame-ancestors`.
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    // Keeps answers out of the processes of foreign pages. Frontends elsewhere read them by CORS,
    // which this does not touch.
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'x-permitted-cross-domain-policies': 'none',
    // Pages of one origin may read what those of another may not.
    vary: 'Origin',
    ...(publicUrl.startsWith('https:')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  }
}
