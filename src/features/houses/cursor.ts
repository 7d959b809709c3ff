import type { Actor } from '../../platform/actor.ts'
import type { Cursors } from '../../platform/cursors.ts'
import { ValidationFailed } from '../../platform/error-table.ts'
import type { Place } from '../../platform/keyset.ts'
import type { HouseFilter, Sort } from './list.ts'

/** A list of houses as one reader sees it; its cursors fit no other. */
export type ListName = { reader: Actor; sort: Sort; filter: HouseFilter }

/** @returns the cursor that continues behind the place, or null at the end */
export function cursorAt(cursors: Cursors, list: ListName, place: Place | undefined) {
  // A date as a number, so that reading it back needs no knowledge of the columns.
  const values = place?.map((value) => (value instanceof Date ? value.getTime() : value))
  return values ? cursors.seal(values, nameOf(list)) : null
}

/**
 * @param cursor as a client sent it; empty at the start of the list
 * @throws ValidationFailed for every cursor that was not made for this list
 */
export function placeAt(cursors: Cursors, list: ListName, cursor: string): Place | undefined {
  if (cursor === '') return undefined
  const values = cursors.open(cursor, nameOf(list)) as (string | number)[] | undefined
  if (values === undefined) throw ValidationFailed({ errors: [foreignCursor] })
  return values.map((value) => (typeof value === 'number' ? new Date(value) : value))
}

const foreignCursor = {
  pointer: '/cursor',
  code: 'invalid_cursor',
  detail: 'Is not a cursor of this list: keep the sort and the filters that it was made with.',
}

function nameOf({ reader, sort, filter }: ListName): string {
  const { ownerId, projectNo, projectName, projectAddress, q } = filter
  const texts = [ownerId, projectNo, projectName, projectAddress, q].map((text) => text ?? '')
  return JSON.stringify(['houses', reader.userId, sort, ...texts])
}
