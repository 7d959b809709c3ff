import { type Static, Type } from 'typebox'
import { cursor, cursorPage, digits, items, pageSize } from '../../contract/paging.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { withRefinement } from '../../contract/refinements.ts'
import { oneOf, response, strictObject } from '../../contract/schema.ts'
import { filters, HouseView } from './house.ts'
import { SORTS } from './list.ts'

const ListParameters = strictObject({
  page: digits('^[1-9][0-9]{0,8}$', 'page', {
    description: 'The page, from 1. Not allowed together with `cursor`.',
    example: '1',
  }),
  size: pageSize('Houses'),
  cursor: cursor(
    'Empty to start, then `nextCursor` of the previous answer, with the same sort and filters.',
  ),
  sort: Type.Optional(
    oneOf(SORTS, {
      description: 'Descending with `-`. The default is `-createdAt`.',
      example: 'projectName',
    }),
  ),
  ...filters,
})
export type ListQuery = Static<typeof ListParameters>

const ListQuery = withRefinement(ListParameters, ({ page, cursor }) => {
  if (page === undefined || cursor === undefined) return []
  return [{ pointer: '/page', code: 'not_allowed', detail: ({ fields }) => fields.pageOrCursor }]
})

const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, example })
const HousePage = strictObject(
  {
    items: items(HouseView, 'The houses.'),
    page: count('The page, from 1.', 1),
    size: count('How many houses a page has.', 20),
    totalItems: count('How many houses the whole list has.', 1),
    totalPages: count('How many pages the whole list has.', 1),
  },
  {
    title: 'HousePage',
    description: 'One page with totals: the answer to a request without `cursor`.',
  },
)
const HouseCursorPage = cursorPage(HouseView, {
  names: 'houses',
  title: 'HouseCursorPage',
  description: 'A part of the list: the answer to a request with `cursor`.',
})

const LIST = 'http://localhost:3000/houses'
const link = {
  Link: {
    type: 'string',
    description:
      'The other pages (RFC 8288): first, prev, next and last. Absent with `cursor`, and if it would exceed 4 KiB.',
    example: `<${LIST}?page=1>; rel="first", <${LIST}?page=2>; rel="next", <${LIST}?page=3>; rel="last"`,
  } as const,
}

const listing = [
  'With `cursor` (empty to start), the answer has `nextCursor` and no totals, and is equally fast at any depth. A house that exists the whole time appears exactly once, even if others are created or deleted in the meantime. A house whose sort value changes in the meantime moves to its new position; `createdAt` never changes.',
  'Without `cursor`, the answer is one page with totals. Its Link header (RFC 8288) leads to the other pages. The further back a page is, the slower it is.',
  'The text filters scan all houses, so they get slower as there are more. A request that needs more than 5 seconds is refused with `overloaded`. Texts are sorted by code point, equal texts by age.',
]

export const listHousesSchema = {
  tags: ['Houses'],
  security: signedInOnly,
  operationId: 'listHouses',
  summary: 'List houses, by pages or by cursor',
  description: listing.join('\n\n'),
  querystring: ListQuery,
  response: {
    200: response(Type.Union([HousePage, HouseCursorPage]), 'The houses.', link),
    ...errorResponses(...signedInProblems),
  },
}
