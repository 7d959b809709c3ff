// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Check } from 'typebox/value'
import * as schemas from '../../src/contract/ids.ts'
import type { AuditEntry } from '../../src/features/audit/event.ts'
import type { Actor } from '../../src/platform/actor.ts'
import type { SessionId, UserId } from '../../src/platform/ids.ts'

type Ids = {
  user: UserId
  session: SessionId
  house: schemas.HouseId
  photo: schemas.PhotoId
}

/** Gives back an id where one of this table is wanted. */
const as = <Table extends keyof Ids>(_table: Table, id: Ids[Table]): string => id

test('the compiler refuses the id of another table, and a plain string', () => {
  const { user, session, house, photo } = schemas.exampleIds as Record<string, string> as Ids
  const swapped = [
    // @ts-expect-error
    as('user', session),
    // @ts-expect-error
    as('user', house),
    // @ts-expect-error
    as('user', photo),
    // @ts-expect-error
    as('user', 'text'),
    // @ts-expect-error
    as('session', user),
    // @ts-expect-error
    as('session', house),
    // @ts-expect-error
    as('session', photo),
    // @ts-expect-error
    as('session', 'text'),
    // @ts-expect-error
    as('house', user),
    // @ts-expect-error
    as('house', session),
    // @ts-expect-error
    as('house', photo),
    // @ts-expect-error
    as('house', 'text'),
    // @ts-expect-error
    as('photo', user),
    // @ts-expect-error
    as('photo', session),
    // @ts-expect-error
    as('photo', house),
    // @ts-expect-error
    as('photo', 'text'),
  ]
  const right = [as('user', user), as('session', session), as('house', house), as('photo', photo)]
  // @ts-expect-error
  const actor: Actor = { userId: house, isAdmin: false }
  // @ts-expect-error
  const entry: AuditEntry = { type: 'signed_out', userId: session, sessionId: user }

  assert.deepEqual(new Set([...swapped, actor.userId, entry.userId]), new Set([...right, 'text']))
})

test('a string is an id of each table where its schema accepts it', () => {
  const { exampleIds } = schemas
  for (const schema of [schemas.UserId, schemas.SessionId, schemas.HouseId, schemas.PhotoId]) {
    assert.equal(Check(schema, exampleIds.house), true)
    assert.equal(Check(schema, exampleIds.house.toUpperCase()), false)
    assert.equal(Check(schema, `${exampleIds.house}0`), false)
  }
})
