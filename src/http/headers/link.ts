/** Clients and proxies take 4 to 16 KiB of headers in all. */
const MAX_LENGTH = 4096

/** The Link header (RFC 8288) of a page; undefined where it would be too long. */
export function linkHeader(
  address: string,
  query: Record<string, string | undefined>,
  { page, totalPages }: { page: number; totalPages: number },
): string | undefined {
  const last = Math.max(totalPages, 1)
  const targets: [rel: string, page: number][] = [['first', 1]]
  if (page > 1) targets.push(['prev', Math.min(page - 1, last)])
  if (page < last) targets.push(['next', page + 1])
  targets.push(['last', last])
  const links = targets
    .map(([rel, target]) => `<${address}?${withPage(query, target)}>; rel="${rel}"`)
    .join(', ')
  return links.length > MAX_LENGTH ? undefined : links
}

function withPage(query: Record<string, string | undefined>, page: number): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return new URLSearchParams({ ...Object.fromEntries(given), page: String(page) }).toString()
}
