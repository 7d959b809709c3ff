import type { components } from '@latchkey/client'
import { latchkey } from '../latchkey.ts'
import { answered } from '../resources/answered.ts'
import { etagOf } from '../resources/versions.ts'
import type { Sort } from './list-query.ts'

export type House = components['schemas']['House']
export type HouseBody = Pick<House, 'projectNo' | 'projectName' | 'projectAddress'>
export type HousePage = components['schemas']['HouseCursorPage']

/** What the list shows; empty texts filter nothing. */
export type HouseFilters = { q: string; ownerId: string; sort: Sort; cursor: string }

const PAGE_SIZE = '10'
const api = latchkey.api

/** @throws LatchkeyError */
export function listHouses(filters: HouseFilters): Promise<HousePage> {
  const query = { ...filters, size: PAGE_SIZE }
  // With a cursor, also an empty one, the answer has no totals.
  return answered(api.GET('/houses', { params: { query } })) as Promise<HousePage>
}

/** @throws LatchkeyError */
export function readHouse(id: string): Promise<House> {
  return answered(api.GET('/houses/{id}', { params: { path: { id } } }))
}

/** @param key names the request: a repetition makes no second house @throws LatchkeyError */
export function createHouse(body: HouseBody, key: string): Promise<House> {
  const params = { header: { 'idempotency-key': key } }
  return answered(api.POST('/houses', { params, body }))
}

/** @param ifMatch the version that it starts from @throws LatchkeyError */
export function saveHouse(id: string, body: HouseBody, ifMatch: string): Promise<House> {
  const params = { path: { id }, header: { 'if-match': ifMatch } }
  return answered(api.PUT('/houses/{id}', { params, body }))
}

/** @throws LatchkeyError */
export function deleteHouse(house: House): Promise<unknown> {
  const params = { path: { id: house.id }, header: { 'if-match': etagOf(house) } }
  return answered(api.DELETE('/houses/{id}', { params }))
}

/** Whether the person who is signed in may change it: its owner, and administrators. */
export function mayChange({ ownerId }: House): boolean {
  const { user } = latchkey
  return user !== null && (user.id === ownerId || user.role === 'admin')
}
