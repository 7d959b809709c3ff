import { useLocation } from 'preact-iso'
import { ButtonLink, IconButton } from '../auth/index.ts'
import { houseTexts } from '../texts/houses.ts'
import { type ListQuery, pathOfList, queryOf, SORTS } from './list-query.ts'

/** Each choice is a new address, which begins at the first page. */
export function HouseFilters({ query }: { query: ListQuery }) {
  const { filters } = houseTexts.use()
  const { route } = useLocation()
  const isFiltered = query.q !== '' || query.mine !== ''

  function open(form: HTMLFormElement): void {
    const entries = Object.fromEntries(new FormData(form)) as Record<string, string>
    route(pathOfList(queryOf(entries)))
  }

  return (
    // Another address has other values in its fields.
    <search key={pathOfList(query)} aria-label={filters.label}>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault()
          open(event.currentTarget)
        }}
      >
        <div class="field filters-text">
          <label for="q">{filters.search}</label>
          <div class="filters-search">
            <input
              id="q"
              name="q"
              type="search"
              defaultValue={query.q}
              placeholder={filters.hint}
              maxLength={256}
            />
            <IconButton type="submit" icon="search" label={filters.search} />
          </div>
        </div>
        <div class="field">
          <label for="sort">{filters.sort}</label>
          <select
            id="sort"
            name="sort"
            value={query.sort}
            onChange={({ currentTarget: { form } }) => form && open(form)}
          >
            {SORTS.map((sort) => (
              <option key={sort} value={sort}>
                {filters.sorts[sort]}
              </option>
            ))}
          </select>
        </div>
        <label class="check">
          <input
            type="checkbox"
            name="mine"
            value="yes"
            defaultChecked={query.mine !== ''}
            onChange={({ currentTarget: { form } }) => form && open(form)}
          />
          {filters.mine}
        </label>
        {isFiltered && (
          <ButtonLink href="/houses" look="quiet">
            {filters.clear}
          </ButtonLink>
        )}
      </form>
    </search>
  )
}
