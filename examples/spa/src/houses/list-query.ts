import { addressOf } from '../resources/pager.tsx'

/** The orders that the list offers; the API knows more. The first one is the usual one. */
export const SORTS = ['-createdAt', 'createdAt', '-updatedAt', 'projectName', 'projectNo'] as const
export type Sort = (typeof SORTS)[number]

/** What the address of the list says, so that the back button and bookmarks keep it. */
export type ListQuery = { q: string; mine: string; sort: Sort; cursor: string }

/** Reads it; what is unknown counts as the usual. */
export function queryOf(query: Record<string, string>): ListQuery {
  const { q = '', mine = '', cursor = '' } = query
  const sort = SORTS.find((name) => name === query.sort) ?? SORTS[0]
  return { q, mine, sort, cursor }
}

/** The address of its first page; the usual order is left out. */
export function pathOfList({ q, mine, sort }: ListQuery): string {
  return addressOf('/houses', { q, mine, sort: sort === SORTS[0] ? '' : sort })
}
