import { type Static, Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import { ReadConditions, WriteConditions } from '../../http/conditional.ts'
import {
  closed,
  ID_PATTERN,
  Id,
  IdempotencyKey,
  IdParams,
  nullable,
  oneOf,
  problems,
  signedInOnly,
  signedInProblems,
  Timestamp,
  text,
} from '../../http/schemas.ts'
import { SORTS } from './list.ts'
import type { House } from './service.ts'

const ProjectNo = text(128, { min: 1, description: 'Unique.', example: 'GD-2026-0017' })
const ProjectName = text(256, { min: 1, example: '海景花园 Sea View Garden' })
const ProjectAddress = nullable(text(256, { example: '12 Harbour Road' }))

const HouseView = closed({
  id: Id,
  projectNo: ProjectNo,
  projectName: ProjectName,
  projectAddress: ProjectAddress,
  ownerId: Id,
  version: Type.Integer({ minimum: 1, description: 'Counts the changes; the ETag names it.' }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})

export function houseView(house: House): Static<typeof HouseView> {
  const { id, projectNo, projectName, projectAddress, ownerId, version } = house
  return {
    id,
    projectNo,
    projectName,
    projectAddress,
    ownerId,
    version,
    createdAt: house.createdAt.toISOString(),
    updatedAt: house.updatedAt.toISOString(),
  }
}

const HouseBody = closed({
  projectNo: ProjectNo,
  projectName: ProjectName,
  projectAddress: Type.Optional(ProjectAddress),
})

const HouseChanges = closed({
  projectNo: Type.Optional(ProjectNo),
  projectName: Type.Optional(ProjectName),
  projectAddress: Type.Optional(ProjectAddress),
})

/** A filter looks for a part of the text, without regard to case; empty it filters nothing. */
const filter = (max: number, where: string) =>
  Type.Optional(text(max, { description: `Houses with this text in ${where}, in any case.` }))

const digits = (pattern: string, hint: string, description: string) =>
  Type.Optional(Type.String({ pattern, 'x-hint': hint, description }))

const ListParameters = closed({
  page: digits('^[1-9][0-9]{0,8}$', 'Must be a whole number from 1.', 'The page, from 1.'),
  size: digits(
    '^([1-9][0-9]?|100)$',
    'Must be a whole number from 1 to 100.',
    'Houses on a page, 1 to 100; 20 by default.',
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: 4096,
      description: 'Empty to start, then `nextCursor`, with the same sort and filters.',
    }),
  ),
  sort: Type.Optional(
    oneOf(SORTS, { description: 'With `-` descending; `-createdAt` by default.' }),
  ),
  ownerId: Type.Optional(
    Type.String({ pattern: `^$|${ID_PATTERN}`, description: 'Houses of this owner.' }),
  ),
  projectNo: filter(128, '`projectNo`'),
  projectName: filter(256, '`projectName`'),
  projectAddress: filter(256, '`projectAddress`'),
  q: filter(256, 'any of the three texts'),
})
export type ListQuery = Static<typeof ListParameters>

const ListQuery = withChecks(ListParameters, ({ page, cursor }) => {
  if (page === undefined || cursor === undefined) return []
  return [{ pointer: '/page', code: 'not_allowed', detail: 'Takes either page or cursor.' }]
})

const Count = Type.Integer({ minimum: 0 })
const HouseItems = Type.Array(HouseView, { maxItems: 100 })
const HousePage = closed({
  items: HouseItems,
  page: Count,
  size: Count,
  totalItems: Count,
  totalPages: Count,
})
const HouseCursorPage = closed({
  items: HouseItems,
  nextCursor: nullable(Type.String({ description: 'Null at the end of the list.' })),
})

const CreateHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'Names this house for 24 hours: repeating the request with the same key gives the same answer and no second house.',
  ),
})

const etag = { ETag: { type: 'string', description: 'The version, for If-Match.' } }
const location = { Location: { type: 'string', description: 'The path of the house.' } }
const link = {
  Link: {
    type: 'string',
    description: 'Of a page: first, prev, next and last; left out where it would exceed 4 KiB.',
  },
}
const oneHouse = { ...HouseView, description: 'The house', headers: etag }

const shared = { tags: ['Houses'], security: signedInOnly }

export const createHouseSchema = {
  ...shared,
  operationId: 'createHouse',
  summary: 'Create a house of your own',
  headers: CreateHeaders,
  body: HouseBody,
  response: {
    201: { ...oneHouse, headers: { ...location, ...etag } },
    ...problems(
      ...signedInProblems,
      'validation_failed',
      'project_no_taken',
      'idempotency_mismatch',
    ),
  },
}

const listing = [
  'With `cursor` (empty to start) the answer has `nextCursor` and no count, and costs the same at any depth. Houses that come or go meanwhile shift nothing: what is there all the time is seen once. A house whose own sort value is changed meanwhile moves to its new place; `createdAt` never changes.',
  'Otherwise the answer is one page with totals, and its Link header (RFC 8288) leads to the others. A page costs more the further back it is.',
  'The filters on text look at every house, so they take longer the more there are; one that needs more than 5 seconds is refused with `overloaded`. Texts are sorted by code point, equal ones by age.',
]

export const listHousesSchema = {
  ...shared,
  operationId: 'listHouses',
  summary: 'List houses, by pages or by cursor',
  description: listing.join('\n\n'),
  querystring: ListQuery,
  response: {
    200: { ...Type.Union([HousePage, HouseCursorPage]), description: 'Houses', headers: link },
    ...problems(...signedInProblems, 'validation_failed', 'malformed_request', 'overloaded'),
  },
}

export const readHouseSchema = {
  ...shared,
  operationId: 'getHouse',
  summary: 'Read a house',
  params: IdParams,
  headers: ReadConditions,
  response: {
    200: oneHouse,
    304: { description: 'The house is as If-None-Match names it', type: 'null' },
    ...problems(...signedInProblems, 'validation_failed', 'not_found'),
  },
}

const writeProblems = [
  ...signedInProblems,
  'validation_failed',
  'not_owner',
  'not_found',
  'precondition_failed',
] as const

export const replaceHouseSchema = {
  ...shared,
  operationId: 'replaceHouse',
  summary: 'Replace a house that you own',
  params: IdParams,
  headers: WriteConditions,
  body: HouseBody,
  response: { 200: oneHouse, ...problems(...writeProblems, 'project_no_taken') },
}

export const updateHouseSchema = {
  ...shared,
  operationId: 'updateHouse',
  summary: 'Change some fields of a house that you own',
  params: IdParams,
  headers: WriteConditions,
  body: HouseChanges,
  response: { 200: oneHouse, ...problems(...writeProblems, 'project_no_taken') },
}

export const deleteHouseSchema = {
  ...shared,
  operationId: 'deleteHouse',
  summary: 'Delete a house that you own, with its photos',
  params: IdParams,
  headers: WriteConditions,
  response: {
    204: { description: 'The house is gone', type: 'null' },
    ...problems(...writeProblems),
  },
}
