/** What a page of a list knows of itself. */
export type PageFacts = { page: number; totalPages: number }

/** Clients and proxies take 4 to 16 KiB of headers in all. */
const LONGEST = 4096

/**
 * The Link header (RFC 8288) of one page: first, prev, next and last, as far as they exist.
 * @param address of the list, absolute, without a query
 * @param query the parameters of the request, which every link repeats with another page
 * @returns undefined where the links would be too long; the totals in the body tell the same
 */
export function pageLinks(
  address: string,
  query: Record<string, string | undefined>,
  { page, totalPages }: PageFacts,
): string | undefined {
  const last = Math.max(totalPages, 1)
  const targets: [rel: string, page: number][] = [['first', 1]]
  if (page > 1) targets.push(['prev', Math.min(page - 1, last)])
  if (page < last) targets.push(['next', page + 1])
  targets.push(['last', last])
  const links = targets
    .map(([rel, target]) => `<${address}?${withPage(query, target)}>; rel="${rel}"`)
    .join(', ')
  return links.length > LONGEST ? undefined : links
}

function withPage(query: Record<string, string | undefined>, page: number): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return new URLSearchParams({ ...Object.fromEntries(given), page: String(page) }).toString()
}
