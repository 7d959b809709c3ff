import { AsyncResource } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import pRetry from 'p-retry'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Audit } from '../audit/service.ts'
import type { Renderer } from './render.ts'
import type { MailStore, WaitingMail } from './store.ts'
import type { MailTransport } from './transport.ts'

const AT_ONCE = 4
/** Pauses after each failure, in ms; the last one again and again, until the row expires. */
const PAUSES_MS = [5000, 30_000, 120_000, 600_000, 1_800_000]
/** How long a stop waits for mails that are in progress, and for those that it has cut off. */
const DRAIN_MS = 2000
const CUT_OFF_MS = 1000
const NOBODY = 'nobody@localhost.localdomain'
/** Tries to delete the row of a mail that was sent: a row that is left is sent again. */
const NOTING = { retries: 8, minTimeout: 100, maxTimeout: 5000 }

type Dependencies = {
  store: Pick<MailStore, 'due' | 'claim' | 'postpone' | 'remove'>
  transport: MailTransport
  render: Renderer
  clock: Clock
  log: Log
  audit: Pick<Audit, 'record'>
}

export function createSender({ store, transport, render, clock, log, audit }: Dependencies) {
  const underWay = new Set<Promise<void>>()
  const cutOff = new AbortController()
  const counts = { sent: 0, failed: 0 }
  let isFailing = false
  let running: Promise<void> | undefined
  let isWoken = false
  let isClosing = false

  /** Takes up what is due, as far as there is room; does not wait for what it takes up. */
  function run(): Promise<void> {
    isWoken = true
    running ??= takeUpAll().finally(() => {
      running = undefined
    })
    return running
  }

  async function takeUpAll(): Promise<void> {
    while (isWoken) {
      isWoken = false
      await takeUp()
    }
  }

  async function takeUp(): Promise<void> {
    while (hasRoom()) {
      const rows = await store.due(AT_ONCE - underWay.size)
      if (rows.length === 0) return
      for (const row of rows) await takeUpOne(row)
    }
  }

  async function takeUpOne(row: WaitingMail): Promise<void> {
    if (hasRoom() && (await store.claim(row))) begin(row)
  }

  const hasRoom = () => !isClosing && underWay.size < AT_ONCE

  function begin(row: WaitingMail): void {
    const claimed = { ...row, attempts: row.attempts + 1 }
    const work = deliver(claimed)
      // Nothing is lost: the claim expires, and the mail is sent again.
      .catch((err) => log.warn({ err, mail: row.id }, 'a mail is left to be sent again'))
      .finally(() => {
        underWay.delete(work)
        wake()
      })
    underWay.add(work)
  }

  /**
   * Looks at once for what is due, as after a commit. The next poll tries again if it fails. Bound
   * to no request, since it sends the mails of all.
   */
  const wake = AsyncResource.bind((): void => {
    run().catch(() => undefined)
  })

  async function deliver(row: WaitingMail): Promise<void> {
    const { id, kind, address: to } = row
    if (kind === 'none') return rehearse(row)
    if (row.expiresAt.getTime() <= clock()) return giveUp(row, 'expired')
    const content = render(row)
    if (content === undefined) return giveUp(row, 'unreadable')
    const outcome = await transport.send({ id, to, ...content }, cutOff.signal)
    if (outcome.kind === 'sent') return noteSent(id)
    return outcome.kind === 'refused'
      ? giveUp(row, outcome.reason)
      : retryLater(row, outcome.reason)
  }

  /** As for a mail to somebody, so that the time of the next request does not tell them apart. */
  async function rehearse(row: WaitingMail): Promise<void> {
    const { id } = row
    const content = render({ ...row, kind: 'reset_password' })
    const { signal } = cutOff
    if (content) {
      await transport.rehearse?.({ id, to: NOBODY, ...content }, signal).catch(() => undefined)
    }
    await note(id)
  }

  function noteSent(id: string): Promise<void> {
    counts.sent += 1
    if (isFailing) log.info({}, 'mails are taken again')
    isFailing = false
    return note(id)
  }

  async function retryLater(row: WaitingMail, reason: string): Promise<void> {
    if (!isFailing && !isClosing)
      log.warn({ mail: row.id, reason }, 'a mail waits to be sent again')
    isFailing = true
    const pause = PAUSES_MS[Math.min(row.attempts, PAUSES_MS.length) - 1] ?? 0
    const dueAt = new Date(clock() + (isClosing ? 0 : pause))
    if (dueAt >= row.expiresAt) return giveUp(row, `expired, ${reason}`)
    await store.postpone(row.id, row.attempts, dueAt)
  }

  async function giveUp({ id, kind, userId }: WaitingMail, reason: string): Promise<void> {
    counts.failed += 1
    audit.record({ type: 'mail_failed', userId, detail: `${kind}: ${reason}` })
    await note(id)
  }

  async function note(id: string): Promise<void> {
    await pRetry(() => store.remove(id), NOTING)
  }

  /**
   * Begins nothing more, and cuts off what takes too long: its row is sent after the next start.
   */
  async function close(): Promise<void> {
    isClosing = true
    // It may claim one more.
    await running?.catch(() => undefined)
    await settled(DRAIN_MS)
    cutOff.abort()
    await settled(CUT_OFF_MS)
  }

  async function settled(ms: number): Promise<void> {
    const isOver = new AbortController()
    const tooLate = sleep(ms, undefined, { signal: isOver.signal }).catch(() => undefined)
    await Promise.race([Promise.all(underWay), tooLate])
    isOver.abort()
  }

  return { run, wake, close, counts: () => counts, isFailing: () => isFailing }
}
