import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { OUTBOX_MAX } from '../../src/features/mail/store.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { sql } from '../../src/platform/database/sql.ts'
import { call } from './answers.ts'
import type { TestServer } from './helper.ts'

/** A mail as `GET /outbox` lists it. */
export type SentMail = { id: string; to: string; subject: string; text: string; html: string }

/** The mails to an address so far, newest first; they are sent in the background. */
export async function sentTo(server: TestServer, to: string): Promise<SentMail[]> {
  const answer = await call(server, `GET /outbox?to=${encodeURIComponent(to)}`)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<{ items: SentMail[] }>().items
}

/** Resolves once no mail waits: what has not been sent by then was never queued. */
export async function outboxEmpty({ database }: TestServer): Promise<void> {
  const deadline = performance.now() + 10_000
  while ((await database.client.mail.count()) > 0) {
    assert.ok(performance.now() < deadline, 'mails wait for more than 10 s')
    await sleep(5)
  }
}

const DIGITS = sql`(SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4
  UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)`
const NUMBERS = sql`(SELECT 1000 * a.n + 100 * b.n + 10 * c.n + d.n AS number
  FROM ${DIGITS} AS a, ${DIGITS} AS b, ${DIGITS} AS c, ${DIGITS} AS d)`

/** Fills an outbox with mails for nobody that are due later, in one statement. */
export async function fillOutbox(db: Database, now: number, room = 0): Promise<void> {
  const later = new Date(now + 80_000_000)
  const most = OUTBOX_MAX - room - (await db.mail.count())
  await db.$executeRaw(sql`
    INSERT INTO Mail (id, kind, address, facts, dueAt, attempts, expiresAt)
    SELECT number, 'none', '', '{}', ${later}, 0, ${later} FROM ${NUMBERS} AS numbers
    WHERE number < ${most}`)
  assert.equal(await db.mail.count(), OUTBOX_MAX - room)
}
