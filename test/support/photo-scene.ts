import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import type { TestContext } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { bearer, type Person, signedUp } from './factories.ts'
import { startServer, type TestServer } from './helper.ts'
import { type House, newHouse } from './houses.ts'
import { aPicture, type formOf, formWith } from './pictures.ts'

// Photos of houses, and what is left of them.

export type SignedIn = Pick<Person, 'access_token'>
export type Photo = {
  id: string
  url: string
  contentType: string
  bytes: number
  createdAt: string
}

/** A server with somebody who owns a house. */
export async function scene(t: TestContext, env: Record<string, string> = {}) {
  const server = await startServer(t, { env })
  const owner = await signedUp(server)
  const house = await newHouse(server, owner)
  return { server, owner, house }
}

export function upload(
  server: TestServer,
  { access_token }: SignedIn,
  { id }: { id: string },
  { payload, headers }: ReturnType<typeof formOf>,
): Promise<LightMyRequestResponse> {
  const all = { ...headers, ...bearer(access_token) }
  return server.inject({ method: 'POST', url: `/houses/${id}/photos`, payload, headers: all })
}

/** A photo of the house, just uploaded. */
export async function newPhoto(server: TestServer, person: SignedIn, house: House): Promise<Photo> {
  const answer = await upload(server, person, house, formWith(await aPicture()))
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json()
}

/** All the files of the server, by name. */
export async function filesOf({ uploads }: TestServer): Promise<string[]> {
  const entries = await readdir(uploads, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
}

/** What is left of photos: rows, files, and places that the house counts. */
export async function remains(server: TestServer, house?: House) {
  const { client } = server.database
  const row = house && (await client.house.findUnique({ where: { id: house.id } }))
  const [rows, files] = [await client.photo.count(), (await filesOf(server)).length]
  return { rows, files, places: row?.photoCount ?? 0 }
}

export const NOTHING = { rows: 0, files: 0, places: 0 }

const BOUNDARY = 'latchkey-boundary'

/** The head of an upload over a raw socket. */
export function uploadHead({ access_token }: SignedIn, { id }: House, length: number): string {
  return [
    `POST /houses/${id}/photos HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${access_token}`,
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    `Content-Length: ${length}`,
    'Connection: close',
    '\r\n',
  ].join('\r\n')
}
