/**
 * The same texts, each in ⟦brackets⟧: whatever a page shows without them comes from no catalogue.
 * For tests only, so nothing of an application that is built for people imports it.
 */
export function pseudo<T>(texts: T): T {
  if (typeof texts === 'string') return `⟦${texts}⟧` as T
  if (typeof texts === 'function') return ((...given: unknown[]) => pseudo(texts(...given))) as T
  if (Array.isArray(texts)) return texts.map(pseudo) as T
  if (typeof texts !== 'object' || texts === null) return texts
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, pseudo(text)])) as T
}
