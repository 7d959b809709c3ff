import assert from 'node:assert/strict'
import { after, type TestContext } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import type { HouseId } from '../../src/contract/ids.ts'
import { auditEntries, call, UUID_V7 } from './answers.ts'
import { bearer, type Opened, signedIn, signedUp } from './factories.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'
import { operator } from './operator.ts'
import { assertProblem } from './problems.ts'

export type House = {
  id: HouseId
  projectNo: string
  projectName: string
  projectAddress: string | null
  ownerId: string
  version: number
  createdAt: string
  updatedAt: string
}

type SignedIn = { access_token: string }

/**
 * One server for all the tests of a file that look at rows of their own alone: on MySQL a database
 * for each of them would take longer than the tests.
 */
export function sharedServer(env: Record<string, string> = {}): () => Promise<TestServer> {
  const cleanups: (() => unknown)[] = []
  let server: Promise<TestServer> | undefined
  after(async () => {
    for (const clean of cleanups.reverse()) await clean()
  })
  const lifetime = { after: (clean: () => unknown) => void cleanups.push(clean) }
  return () => {
    server ??= startServer(lifetime as TestContext, { env })
    return server
  }
}

/** The body of a new house, with a number that no other test has. */
export function aHouse(more: Partial<House> = {}) {
  const address = 'Am Markt 1, 99423 Weimar'
  return { projectNo: uniqueName('P'), projectName: 'Haus', projectAddress: address, ...more }
}

/** A request of a signed-in user, with a JSON body or with none. */
export function ask(
  server: TestServer,
  line: string,
  { access_token }: SignedIn,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<LightMyRequestResponse> {
  return call(server, line, body as object | undefined, { ...bearer(access_token), ...headers })
}

/** A house that the person has just made. */
export async function newHouse(
  server: TestServer,
  person: SignedIn,
  more: Partial<House> = {},
): Promise<House> {
  const response = await ask(server, 'POST /houses', person, { body: aHouse(more) })
  assert.equal(response.statusCode, 201, response.body)
  return response.json<House>()
}

/** Somebody who has just become an administrator and signed in again. */
export async function newAdmin(server: TestServer) {
  const person = await signedUp(server)
  await operator(server).changeRole(person.username, 'admin')
  return { ...person, ...(await signedIn(server, person)) }
}

/** Compares a whole answer that shows a house, with its headers. */
export function assertHouse(
  response: LightMyRequestResponse,
  status: number,
  expected: Partial<House>,
): House {
  assert.equal(response.statusCode, status, response.body)
  const house = response.json<House>()
  assert.match(house.id, UUID_V7)
  assert.deepEqual(house, { id: house.id, ...expected })
  const { headers } = response
  assert.deepEqual(
    [headers['content-type'], headers['cache-control'], headers.etag, headers.location],
    [
      'application/json; charset=utf-8',
      'no-store',
      `"${house.version}"`,
      status === 201 ? `/houses/${house.id}` : undefined,
    ],
  )
  return house
}

/** A whole problem whose sentence is free. */
export function assertRefused(response: LightMyRequestResponse, code: string): void {
  const { detail } = response.json<{ detail: string }>()
  assertProblem(response, code, { detail })
}

/** Compares the house as everybody reads it now. */
export async function assertStored(
  server: TestServer,
  person: SignedIn,
  house: House,
): Promise<void> {
  const response = await ask(server, `GET /houses/${house.id}`, person)
  assertHouse(response, 200, house)
}

/** The text of every house and of every photo that belongs to one, in the order of ids. */
export async function digestOfHouses({ database: { client } }: TestServer): Promise<string> {
  const orderBy = { id: 'asc' } as const
  const [houses, photos] = [
    await client.house.findMany({ orderBy }),
    await client.photo.findMany({ where: { houseId: { not: null } }, orderBy }),
  ]
  return JSON.stringify({ houses, photos })
}

/** How many answers had which status, with the code of each problem: `{ '200': 1, '412 …': 9 }`. */
export function tally(answers: LightMyRequestResponse[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const code = answer.statusCode < 400 ? '' : ` ${answer.json<{ code: string }>().code}`
    const outcome = `${answer.statusCode}${code}`
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

/** The types of the person's audit entries, oldest first. */
export async function deedsOf(server: TestServer, { user }: Opened): Promise<string[]> {
  const entries = (await auditEntries(server)).filter(({ userId }) => userId === user.id)
  return entries.map(({ type }) => type)
}

/** How many houses the person has in the database. */
export function countHouses({ database }: TestServer, { user }: Opened): Promise<number> {
  return database.client.house.count({ where: { ownerId: user.id } })
}

/** Houses whose names say in which order they came, the newest first as lists give them. */
export const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ projectName: `House ${index}` }))
