import { type Static, Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import {
  answer,
  closed,
  exampleIds,
  ID_PATTERN,
  nullable,
  oneOf,
  problems,
  signedInOnly,
  signedInProblems,
  text,
} from '../../http/schemas.ts'
import { HouseView } from './house-schemas.ts'
import { SORTS } from './list.ts'

/** A filter looks for a part of the text, without regard to case; empty it filters nothing. */
const filter = (max: number, where: string, example: string) =>
  Type.Optional(
    text(max, { description: `Houses with this text in ${where}, in any case.`, example }),
  )

const digits = (pattern: string, hint: string, options: { description: string; example: string }) =>
  Type.Optional(Type.String({ pattern, 'x-hint': hint, ...options }))

const CURSOR = 'v1.5KUnJcN2x1f0S3bXqk5m2w'

const ListParameters = closed({
  page: digits('^[1-9][0-9]{0,8}$', 'Must be a whole number from 1.', {
    description: 'The page, from 1. Not together with `cursor`.',
    example: '1',
  }),
  size: digits('^([1-9][0-9]?|100)$', 'Must be a whole number from 1 to 100.', {
    description: 'Houses on a page, 1 to 100; 20 by default.',
    example: '20',
  }),
  cursor: Type.Optional(
    Type.String({
      maxLength: 4096,
      description:
        'Empty to start, then `nextCursor` of the answer before, with the same sort and filters.',
      example: CURSOR,
    }),
  ),
  sort: Type.Optional(
    oneOf(SORTS, {
      description: 'With `-` descending; `-createdAt` by default.',
      example: 'projectName',
    }),
  ),
  ownerId: Type.Optional(
    Type.String({
      pattern: `^$|${ID_PATTERN}`,
      description: 'Houses of this owner.',
      example: exampleIds.user,
    }),
  ),
  projectNo: filter(128, '`projectNo`', '2026'),
  projectName: filter(256, '`projectName`', '花园'),
  projectAddress: filter(256, '`projectAddress`', 'harbour'),
  q: filter(256, 'any of the three texts', 'sea view'),
})
export type ListQuery = Static<typeof ListParameters>

const ListQuery = withChecks(ListParameters, ({ page, cursor }) => {
  if (page === undefined || cursor === undefined) return []
  return [{ pointer: '/page', code: 'not_allowed', detail: 'Takes either page or cursor.' }]
})

const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, example })
const HouseItems = Type.Array(HouseView, { maxItems: 100, description: 'The houses.' })
const HousePage = closed(
  {
    items: HouseItems,
    page: count('The page, from 1.', 1),
    size: count('How many houses a page has.', 20),
    totalItems: count('How many houses the whole list has.', 1),
    totalPages: count('How many pages the whole list has.', 1),
  },
  {
    title: 'HousePage',
    description: 'One page with totals: what a request without `cursor` gets.',
  },
)
const HouseCursorPage = closed(
  {
    items: HouseItems,
    nextCursor: nullable(
      Type.String({
        description: 'Send it as `cursor` for more; null at the end of the list.',
        example: CURSOR,
      }),
    ),
  },
  {
    title: 'HouseCursorPage',
    description: 'A part of the list: what a request with `cursor` gets.',
  },
)

const LIST = 'http://localhost:3000/houses'
const link = {
  Link: {
    type: 'string',
    description:
      'The other pages (RFC 8288): first, prev, next and last. Missing with `cursor`, and where it would exceed 4 KiB.',
    example: `<${LIST}?page=1>; rel="first", <${LIST}?page=2>; rel="next", <${LIST}?page=3>; rel="last"`,
  } as const,
}

const listing = [
  'With `cursor` (empty to start) the answer has `nextCursor` and no count, and costs the same at any depth. Houses that come or go meanwhile shift nothing: what is there all the time is seen once. A house whose own sort value is changed meanwhile moves to its new place; `createdAt` never changes.',
  'Otherwise the answer is one page with totals, and its Link header (RFC 8288) leads to the others. A page costs more the further back it is.',
  'The filters on text look at every house, so they take longer the more there are; one that needs more than 5 seconds is refused with `overloaded`. Texts are sorted by code point, equal ones by age.',
]

export const listHousesSchema = {
  tags: ['Houses'],
  security: signedInOnly,
  operationId: 'listHouses',
  summary: 'List houses, by pages or by cursor',
  description: listing.join('\n\n'),
  querystring: ListQuery,
  response: {
    200: answer(Type.Union([HousePage, HouseCursorPage]), 'The houses.', link),
    ...problems(...signedInProblems),
  },
}
