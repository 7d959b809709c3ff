import { Type } from 'typebox'
import { ReadConditions, WriteConditions } from '../../http/conditional.ts'
import {
  answer,
  exampleIds,
  IdempotencyKey,
  IdParams,
  problems,
  signedInOnly,
  signedInProblems,
} from '../../http/schemas.ts'
import { HouseBody, HouseChanges, HouseReplacement, HouseView } from './house-schemas.ts'

export { houseView } from './house-schemas.ts'
export { type ListQuery, listHousesSchema } from './list-schemas.ts'

const CreateHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'Names this house for 24 hours: repeating the request with the same key gives the same answer and no second house.',
    'house-4f9d2c7a',
  ),
})

const etag = (example: string) => ({
  ETag: { type: 'string', description: 'The version, for If-Match.', example } as const,
})
const location = {
  Location: {
    type: 'string',
    description: 'The path of the house.',
    example: `/houses/${exampleIds.house}`,
  } as const,
}
const shared = { tags: ['Houses'], security: signedInOnly }

export const createHouseSchema = {
  ...shared,
  operationId: 'createHouse',
  summary: 'Create a house of your own',
  description:
    'Makes a house with version 1 that belongs to you. With an `Idempotency-Key` a repeated request gets the first answer again and makes no second house.',
  headers: CreateHeaders,
  body: HouseBody,
  response: {
    201: answer(HouseView, 'The house.', { ...location, ...etag('"1"') }),
    ...problems(...signedInProblems, 'project_no_taken', 'idempotency_mismatch'),
  },
}

export const readHouseSchema = {
  ...shared,
  operationId: 'getHouse',
  summary: 'Read a house',
  description:
    'Everybody who is signed in may read every house. `If-None-Match` with the ETag that you have saves the body of a house that has not changed.',
  params: IdParams,
  headers: ReadConditions,
  response: {
    200: answer(HouseView, 'The house.', etag('"1"')),
    304: {
      description: 'The house is as If-None-Match names it.',
      type: 'null',
      headers: etag('"1"'),
    },
    ...problems(...signedInProblems, 'not_found'),
  },
}

const writeProblems = [
  ...signedInProblems,
  'not_owner',
  'not_found',
  'precondition_failed',
] as const

const changed = { version: 2, updatedAt: '2026-11-20T10:12:00.000Z' }
const changedExample = { house: { summary: 'The next version', set: changed } }

export const replaceHouseSchema = {
  ...shared,
  operationId: 'replaceHouse',
  summary: 'Replace a house that you own',
  description:
    'Writes all the fields anew, and the version grows by one; an address that is left out becomes null. With `If-Match` nothing is written unless the house is still the version that you read. Admins may replace the houses of others.',
  params: IdParams,
  headers: WriteConditions,
  body: HouseReplacement,
  'x-examples': { 200: changedExample },
  response: {
    200: answer(HouseView, 'The house as it is now.', etag('"2"')),
    ...problems(...writeProblems, 'project_no_taken'),
  },
}

export const updateHouseSchema = {
  ...shared,
  operationId: 'updateHouse',
  summary: 'Change some fields of a house that you own',
  description:
    'Writes the fields that are sent and leaves the others as they are; the version grows by one. With `If-Match` nothing is written unless the house is still the version that you read. Admins may change the houses of others.',
  params: IdParams,
  headers: WriteConditions,
  body: HouseChanges,
  'x-examples': {
    request: {
      address: { summary: 'A new address', omit: ['projectNo', 'projectName'] },
    },
    200: changedExample,
  },
  response: {
    200: answer(HouseView, 'The house as it is now.', etag('"2"')),
    ...problems(...writeProblems, 'project_no_taken'),
  },
}

export const deleteHouseSchema = {
  ...shared,
  operationId: 'deleteHouse',
  summary: 'Delete a house that you own, with its photos',
  description:
    'Deletes the house and its photos for good; its project number is free again. With `If-Match` nothing is deleted unless the house is still the version that you read. Admins may delete the houses of others.',
  params: IdParams,
  headers: WriteConditions,
  response: {
    204: { description: 'The house is gone.', type: 'null' },
    ...problems(...writeProblems),
  },
}
