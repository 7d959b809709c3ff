/** What a page of a list knows of itself. */
export type PageFacts = { page: number; totalPages: number }

/**
 * The Link header (RFC 8288) of one page: first, prev, next and last, as far as they exist.
 * @param address of the list, absolute, without a query
 * @param query the parameters of the request, which every link repeats with another page
 */
export function pageLinks(
  address: string,
  query: Record<string, string | undefined>,
  { page, totalPages }: PageFacts,
): string {
  const last = Math.max(totalPages, 1)
  const targets: [rel: string, page: number][] = [['first', 1]]
  if (page > 1) targets.push(['prev', Math.min(page - 1, last)])
  if (page < last) targets.push(['next', page + 1])
  targets.push(['last', last])
  return targets
    .map(([rel, target]) => `<${address}?${withPage(query, target)}>; rel="${rel}"`)
    .join(', ')
}

function withPage(query: Record<string, string | undefined>, page: number): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return new URLSearchParams({ ...Object.fromEntries(given), page: String(page) }).toString()
}
