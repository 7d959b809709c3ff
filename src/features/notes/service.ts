import { PreconditionFailed } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import { createIds } from '../../platform/crypto/ids.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { deleteOwned } from '../../platform/database/delete-owned.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Versions } from '../../platform/database/versions.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import { createOwnedList, type PageQuery } from '../../platform/paging/owned-list.ts'
import type { Idempotency } from '../idempotency/service.ts'
import type { Holdings, Limit } from '../users/holdings.ts'
import type { NoteDraft, NoteId, NoteView } from './note.ts'

const LIMIT: Limit = {
  counter: 'noteCount',
  most: 10_000,
  full: ({ details }, most) => details.notesFull(most),
}

export type Notes = ReturnType<typeof createNotes>
type Dependencies = {
  db: Database
  dialect: Dialect
  clock: Clock
  cursors: Cursors
  holdings: Holdings
  idempotency: Idempotency
}

/** Notes, private to their owner: for everybody else there is none. */
export function createNotes(dependencies: Dependencies) {
  const { db, dialect, clock, cursors, holdings, idempotency } = dependencies
  const nextId = createIds<NoteId>()
  const table = { db, dialect, table: 'Note' }
  const readPage = createOwnedList<Row>(table, cursors)

  /**
   * @param key the `Idempotency-Key`: repeating the request with it gives the first answer again
   * @throws LimitReached; what `Idempotency.once` throws; SessionEnded when the account is gone
   */
  async function create(ownerId: UserId, draft: NoteDraft, key?: string): Promise<NoteView> {
    const now = new Date(clock())
    const made = { id: nextId(now), version: 1, createdAt: now, updatedAt: now }
    const request = { userId: ownerId, operation: 'create note', key, body: JSON.stringify(draft) }
    // A repeated request has the same draft, so this much is enough to answer it.
    const kept = await idempotency.once(request, JSON.stringify(made), async (tx) => {
      await holdings.take(tx, ownerId, LIMIT)
      const tags = JSON.stringify(draft.tags)
      await tx.note.createMany({ data: { ...made, ...draft, tags, ownerId } })
    })
    return { ...JSON.parse(kept), ...draft }
  }

  /** @throws NotFound, also when somebody else has it */
  async function get(ownerId: UserId, id: NoteId, tx: Transaction = db): Promise<NoteView> {
    const note = await tx.note.findUnique({ where: { id, ownerId } })
    if (!note) throw NotFound({ detail: ({ details }) => details.noSuchNote })
    return viewOf(note)
  }

  /** A page of the list, the newest first. @throws ValidationFailed for a foreign cursor */
  async function list(ownerId: UserId, query: PageQuery) {
    const { items, nextCursor } = await readPage(ownerId, query)
    return { items: items.map(viewOf), nextCursor }
  }

  /**
   * Changes a note, if its version is one of those that the owner expects.
   * @throws NotFound, PreconditionFailed
   */
  function update(ownerId: UserId, id: NoteId, { changes, versions }: Update): Promise<NoteView> {
    return inTransaction(db, async (tx) => {
      const { count } = await tx.note.updateMany({
        where: { id, ownerId, version: versions },
        data: { ...columnsOf(changes), version: { increment: 1 }, updatedAt: new Date(clock()) },
      })
      const note = await get(ownerId, id, tx)
      if (count === 0) throw PreconditionFailed()
      return note
    })
  }

  /** @throws NotFound, PreconditionFailed */
  function remove(ownerId: UserId, id: NoteId, versions: Versions): Promise<void> {
    return inTransaction(db, async (tx) => {
      // First, so that two transactions of one user cannot deadlock.
      await holdings.giveBack(tx, ownerId, LIMIT)
      const { count } = await tx.note.deleteMany({ where: { id, ownerId, version: versions } })
      if (count > 0) return
      await get(ownerId, id, tx)
      throw PreconditionFailed()
    })
  }

  return {
    ...{ create, get, list, update, remove },
    countOwned: (ownerId: UserId) => db.note.count({ where: { ownerId } }),
    removeOwned: (ownerId: UserId) => deleteOwned(table, ownerId),
  }
}

type Update = { changes: Partial<NoteDraft>; versions: Versions }
type Row = { id: string; title: string; body: string; tags: string; version: number } & Dates
type Dates = { createdAt: Date; updatedAt: Date }

function columnsOf({ tags, ...texts }: Partial<NoteDraft>) {
  return tags ? { ...texts, tags: JSON.stringify(tags) } : texts
}

function viewOf({ id, title, body, tags, version, createdAt, updatedAt }: Row): NoteView {
  return {
    ...{ id: id as NoteId, title, body, tags: JSON.parse(tags), version },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
