import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { UUID_V7 } from './answers.ts'
import type { Opened } from './factories.ts'
import type { TestServer } from './helper.ts'
import { ask } from './houses.ts'

export type Note = {
  id: string
  title: string
  body: string
  tags: string[]
  version: number
  createdAt: string
  updatedAt: string
}

type SignedIn = { access_token: string }

/** The body of a new note. */
export function aNote(more: Partial<Note> = {}) {
  return { title: 'Spare keys', body: 'Garage.\nCellar.', tags: ['home'], ...more }
}

/** A note that the person has just made. */
export async function newNote(
  server: TestServer,
  person: SignedIn,
  more: Partial<Note> = {},
): Promise<Note> {
  const response = await ask(server, 'POST /notes', person, { body: aNote(more) })
  assert.equal(response.statusCode, 201, response.body)
  return response.json<Note>()
}

/** Compares a whole answer that shows a note, with its headers. */
export function assertNote(
  response: LightMyRequestResponse,
  status: number,
  expected: Partial<Note>,
): Note {
  assert.equal(response.statusCode, status, response.body)
  const note = response.json<Note>()
  assert.match(note.id, UUID_V7)
  assert.deepEqual(note, { id: note.id, ...expected })
  const { headers } = response
  assert.deepEqual(
    [headers['content-type'], headers['cache-control'], headers.etag, headers.location],
    [
      'application/json; charset=utf-8',
      'no-store',
      `"${note.version}"`,
      status === 201 ? `/notes/${note.id}` : undefined,
    ],
  )
  return note
}

/** Compares the note as its owner reads it now. */
export async function assertStored(server: TestServer, person: SignedIn, note: Note) {
  assertNote(await ask(server, `GET /notes/${note.id}`, person), 200, note)
}

/** How many notes the person has in the database, and how many are counted. */
export async function countNotes({ database: { client } }: TestServer, { user }: Opened) {
  const { noteCount } = await client.user.findUniqueOrThrow({ where: { id: user.id } })
  return { rows: await client.note.count({ where: { ownerId: user.id } }), counted: noteCount }
}

export type NotePage = { items: Note[]; nextCursor: string | null }

export async function pageOf(
  server: TestServer,
  person: SignedIn,
  query: { cursor?: string; size?: number } = {},
): Promise<NotePage> {
  const { cursor = '', size = 20 } = query
  const search = new URLSearchParams({ cursor, size: String(size) })
  const response = await ask(server, `GET /notes?${search}`, person)
  assert.equal(response.statusCode, 200, response.body)
  const page = response.json<NotePage>()
  assert.deepEqual(Object.keys(page), ['items', 'nextCursor'])
  return page
}
