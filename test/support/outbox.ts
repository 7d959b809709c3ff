import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
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
