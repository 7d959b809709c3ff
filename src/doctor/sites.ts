import { getDomain, parse } from 'tldts'

// Browsers treat subdomains given to strangers, such as `github.io`, as separate sites.
const OPTIONS = { allowPrivateDomains: true, validateHostname: false }

/**
 * The site that browsers use for cookies, without its scheme: the registrable domain of the Public
 * Suffix List, with private suffixes. IP addresses, single names and public suffixes are their own
 * site.
 */
export function siteOf(hostname: string): string {
  const domain = getDomain(hostname, OPTIONS)
  if (domain === null) return hostname
  return hostname.endsWith('.') ? `${domain}.` : domain
}

/** The domain below which a host's owner can add hosts; undefined if somebody else owns it. */
export function ownDomain(hostname: string): string | undefined {
  const { domain, isPrivate } = parse(hostname, OPTIONS)
  return domain === null || isPrivate ? undefined : siteOf(hostname)
}
