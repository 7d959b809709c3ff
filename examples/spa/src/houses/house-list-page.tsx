import { useLocation } from 'preact-iso'
import {
  ButtonLink,
  Empty,
  Loaded,
  Page,
  SignedIn,
  Skeleton,
  useFormat,
  useLoad,
  useUser,
} from '../auth/index.ts'
import { Pager } from '../resources/pager.tsx'
import { houseTexts } from '../texts/houses.ts'
import { HouseFilters } from './house-filters.tsx'
import { type House, type HousePage, listHouses } from './houses.ts'
import { type ListQuery, queryOf } from './list-query.ts'
import '../resources/resources.css'
import './houses.css'

/** The houses of everybody, filtered by the address. */
export function HouseListPage() {
  return (
    <SignedIn>
      <HouseList />
    </SignedIn>
  )
}

function HouseList() {
  const texts = houseTexts.use()
  const query = queryOf(useLocation().query)
  const { q, mine, sort, cursor } = query
  const user = useUser()
  const ownerId = mine === '' ? '' : (user?.id ?? '')
  const load = useLoad(() => listHouses({ q, sort, cursor, ownerId }), [q, mine, sort, cursor])
  return (
    // Another part of the list is another page: its title gets the focus.
    <Page
      key={cursor}
      title={texts.title}
      lead={texts.lead}
      actions={
        <ButtonLink href="/houses/new" look="main" icon="plus">
          {texts.add}
        </ButtonLink>
      }
    >
      <HouseFilters query={query} />
      <Loaded load={load} skeleton={<Skeleton lines={9} />}>
        {(page) => (
          <div class="stack" aria-busy={load.isLoading}>
            <Rows page={page} query={query} />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function Rows({ page, query }: { page: HousePage; query: ListQuery }) {
  const texts = houseTexts.use()
  const isFiltered = query.q !== '' || query.mine !== ''
  if (page.items.length === 0)
    return isFiltered ? (
      <Empty icon="search" title={texts.nothingFound}>
        <p>{texts.nothingFoundLead}</p>
      </Empty>
    ) : (
      <Empty icon="house" title={texts.empty}>
        <p>{texts.emptyLead}</p>
      </Empty>
    )
  return (
    <>
      <ul class="list">
        {page.items.map((house) => (
          <Row key={house.id} house={house} />
        ))}
      </ul>
      <Pager path="/houses" query={query} nextCursor={page.nextCursor} />
    </>
  )
}

function Row({ house }: { house: House }) {
  const texts = houseTexts.use()
  const { ago } = useFormat()
  const user = useUser()
  const { id, projectNo, projectName, projectAddress, ownerId, updatedAt } = house
  return (
    <li>
      <a class="list-link" href={`/houses/${id}`} translate={false}>
        <strong>{projectName}</strong>
        <p class="excerpt">{[projectNo, projectAddress].filter(Boolean).join(' · ')}</p>
      </a>
      <div class="row">
        {ownerId === user?.id && <span class="badge">{texts.yours}</span>}
        <time class="small" dateTime={updatedAt}>
          {ago(updatedAt)}
        </time>
      </div>
    </li>
  )
}
