import type { components } from '@latchkey/client'
import { latchkey } from '../latchkey.ts'
import { answered } from '../resources/answered.ts'
import { etagOf } from '../resources/versions.ts'

export type Note = components['schemas']['Note']
export type NoteBody = Pick<Note, 'title' | 'body' | 'tags'>
export type NotePage = components['schemas']['NoteList']

const PAGE_SIZE = '10'
const api = latchkey.api

/** Newest first. @param cursor where it begins; empty for the first page @throws LatchkeyError */
export function listNotes(cursor: string, size = PAGE_SIZE): Promise<NotePage> {
  return answered(api.GET('/notes', { params: { query: { cursor, size } } }))
}

/** @throws LatchkeyError */
export function readNote(id: string): Promise<Note> {
  return answered(api.GET('/notes/{id}', { params: { path: { id } } }))
}

/** @param key names the request: a repetition makes no second note @throws LatchkeyError */
export function createNote(body: NoteBody, key: string): Promise<Note> {
  const params = { header: { 'idempotency-key': key } }
  return answered(api.POST('/notes', { params, body }))
}

/** @param ifMatch the version that it starts from @throws LatchkeyError */
export function saveNote(id: string, body: NoteBody, ifMatch: string): Promise<Note> {
  const params = { path: { id }, header: { 'if-match': ifMatch } }
  return answered(api.PUT('/notes/{id}', { params, body }))
}

/** @throws LatchkeyError */
export function deleteNote(note: Note): Promise<unknown> {
  const params = { path: { id: note.id }, header: { 'if-match': etagOf(note) } }
  return answered(api.DELETE('/notes/{id}', { params }))
}
