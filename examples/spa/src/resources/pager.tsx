import { ButtonLink } from '../auth/index.ts'
import { resourceTexts } from '../texts/resources.ts'

type Props = {
  path: string
  /** What the list is asked for, as in the address; `cursor` is where it begins. */
  query: Record<string, string>
  /** Where the next page begins, or null behind the last one. */
  nextCursor: string | null
}

/** Links, so that the back button leads to the page before. */
export function Pager({ path, query, nextCursor }: Props) {
  const texts = resourceTexts.use()
  const { cursor, ...filters } = query
  if (!cursor && nextCursor === null) return null
  return (
    <nav class="row row-between" aria-label={texts.pages}>
      {cursor ? (
        <ButtonLink href={addressOf(path, filters)}>{texts.firstPage}</ButtonLink>
      ) : (
        <span />
      )}
      {nextCursor !== null && (
        <ButtonLink href={addressOf(path, { ...filters, cursor: nextCursor })}>
          {texts.nextPage}
        </ButtonLink>
      )}
    </nav>
  )
}

/** A path with what is not empty of a query. */
export function addressOf(path: string, query: Record<string, string>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== '')
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}
