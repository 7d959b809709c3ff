import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { type Opened, type Person, signedUp } from './factories.ts'
import { type TestServer, uniqueName } from './helper.ts'
import { aHouse, ask, assertHouse, type House, sharedServer } from './houses.ts'
import { visible } from './problems.ts'

export type SignedIn = Pick<Person, 'access_token'>

/** POST /houses with an Idempotency-Key. */
export function make(server: TestServer, person: SignedIn, key: string, body: unknown) {
  return ask(server, 'POST /houses', person, { body, headers: { 'idempotency-key': key } })
}

export const theServer = sharedServer()

export const countStored = ({ database }: TestServer, { user }: Opened) =>
  database.client.idempotentRequest.count({ where: { userId: user.id } })

/** Somebody who has made a house under a key. */
export async function withAnswer(server: TestServer) {
  const person = await signedUp(server)
  const [key, body] = [uniqueName('key'), aHouse()]
  const first = await make(server, person, key, body)
  assert.equal(first.statusCode, 201, first.body)
  return { person, key, body, first }
}

/** The answers are one and the same, with all their headers, and they are a 201. */
export function assertSame(first: LightMyRequestResponse, others: LightMyRequestResponse[]): void {
  assertHouse(first, 201, first.json<House>())
  for (const other of others) {
    assert.deepEqual(visible(other), visible(first))
    assert.equal(other.headers['content-length'], first.headers['content-length'])
  }
}
