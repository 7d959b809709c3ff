import { Type } from 'typebox'
import type * as ids from '../platform/ids.ts'
import { strictObject } from './schema.ts'

/** A lower-case UUIDv7 (RFC 9562). */
export const ID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

const id = (description: string, example: string) =>
  Type.String({ pattern: ID_PATTERN, description, example })

/** The id of a feature's own rows: `idOf<'Note'>('note', '01a1…')`. */
export const idOf = <Table extends string>(noun: string, example: string) =>
  Type.Unsafe<ids.Id<Table>>(id(`Id of the ${noun}.`, example))

/** Ids that all examples share. */
export const exampleIds = {
  user: '01a1f864-6879-7f3e-8a41-6b0c52d9e7f1',
  session: '01a1f866-0d00-7c90-9f02-1e8a4b6d3c57',
  house: '01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42',
  photo: '01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c',
} as const

export const UserId = Type.Unsafe<ids.UserId>(id('Id of the account.', exampleIds.user))
export const SessionId = Type.Unsafe<ids.SessionId>(id('Id of the session.', exampleIds.session))
export type HouseId = ids.Id<'House'>
export const HouseId = Type.Unsafe<HouseId>(id('Id of the house.', exampleIds.house))
export type PhotoId = ids.Id<'Photo'>
export const PhotoId = Type.Unsafe<PhotoId>(id('Id of the photo.', exampleIds.photo))

/** Of routes below `/houses/:id`. */
export const IdParams = strictObject({ id: HouseId })

/** The name that a client gives a request, so that it can retry it. */
export const IdempotencyKey = (description: string, example: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description,
      example,
    }),
  )
