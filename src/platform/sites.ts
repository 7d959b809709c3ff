import { getDomain, parse } from 'tldts'

// Subdomains that a host hands out to strangers are sites of their own to browsers.
const OPTIONS = { allowPrivateDomains: true, validateHostname: false }

/**
 * The site of a host as browsers draw it for cookies, leaving out its scheme: the registrable domain
 * by the Public Suffix List, private suffixes such as `github.io` included. Addresses, single names
 * and public suffixes themselves are a site alone.
 */
export function siteOf(hostname: string): string {
  const domain = getDomain(hostname, OPTIONS)
  if (domain === null) return hostname
  return hostname.endsWith('.') ? `${domain}.` : domain
}

/** The domain below which the owner of a host can name further hosts; none for what others own or lend. */
export function ownDomain(hostname: string): string | undefined {
  const { domain, isPrivate } = parse(hostname, OPTIONS)
  return domain === null || isPrivate ? undefined : siteOf(hostname)
}
