import { v7 as uuidv7 } from 'uuid'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { afterCommit } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import { Overloaded } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import { deviceName } from './device-name.ts'
import {
  type CodeKind,
  isCodeKind,
  type MailKind,
  type NoticeKind,
  type UndoKind,
} from './kinds.ts'
import { type CodeOf, createRenderer, type Facts } from './render.ts'
import { createSender } from './sender.ts'
import { createMailStore } from './store.ts'
import type { Template } from './templates/templates.ts'
import type { MailTransport, Outcome } from './transport.ts'

const NOTICE_MS = 86_400_000
/** How long an expired row waits for a sender to tell of it, before the cleaner deletes it. */
const LEFT_MS = 3_600_000
const LISTED = 100

export type NewMail = {
  /** Undefined where nobody has the account: a row for nobody then costs the same. */
  address: string | undefined
  userId?: UserId | undefined
  device?: Device | undefined
  /** How many recovery codes are left. */
  left?: number
} & ({ kind: NoticeKind } | MailedCode)

type MailedCode = {
  kind: CodeKind | UndoKind
  challenge: string
  expiresAt: Date
  /** Whether its cause is worth having without it, as a notice's always is. */
  mayBeDropped?: boolean
}

export type Mail = ReturnType<typeof createMail>

type Dependencies = {
  db: Database
  statements: Statements
  clock: Clock
  log: Log
  audit: Pick<Audit, 'record'>
  rateLimits: Pick<RateLimits<'mail' | 'mail_day' | 'mail_network'>, 'consumeAll'>
  transport: MailTransport | undefined
  /** The host of this server, and the page that links lead to. */
  site: string
  links: string
  /** Knows the codes of challenges; a mail whose code is not known is not sent. */
  codeOf: CodeOf
  custom: ReadonlyMap<MailKind, Template>
}

/**
 * The outbox: a mail is a row that is written in the transaction of its cause, and sent afterwards,
 * so that no answer waits for a relay and no mail is lost.
 */
export function createMail(dependencies: Dependencies) {
  const { db, statements, clock, transport, site, links, codeOf, custom } = dependencies
  const store = createMailStore({ statements, clock })
  const render = createRenderer({ site, links, codeOf, custom })
  const sender = transport && createSender({ ...dependencies, store, transport, render })
  let dropped = 0

  /**
   * Puts a mail into the outbox, in the transaction of its cause; it is sent once that is
   * committed. Does nothing where mails are switched off. In a full outbox there is no room: a
   * notice is dropped and counted. @throws Overloaded then for a mail with a code, unless it may be
   * dropped
   */
  async function queue(tx: Transaction, mail: NewMail): Promise<void> {
    if (!sender) return
    if (await store.add(tx, rowOf(mail))) return afterCommit(tx, sender.wake)
    const mayBeDropped = !isCodeKind(mail.kind) || ('mayBeDropped' in mail && mail.mayBeDropped)
    if (!mayBeDropped) throw Overloaded({ detail: ({ details }) => details.mailsWaiting })
    afterCommit(tx, () => {
      dropped += 1
    })
  }

  /**
   * Counts a mail that somebody asks for, whether it is sent or not.
   * @param asker the address or name as it was typed, or the known device that asks
   * @throws RateLimited
   */
  function countRequest(asker: string, device: Device): Promise<void> {
    return dependencies.rateLimits.consumeAll([
      ['mail', asker],
      ['mail_day', asker],
      ['mail_network', networkOf(device.ip ?? '')],
    ])
  }

  function rowOf(mail: NewMail) {
    const at = clock()
    const { kind, address, userId = null, device, left } = mail
    const facts: Facts = { at, device: device ? deviceName(device) : '', left }
    return {
      id: uuidv7({ msecs: at }),
      kind: address === undefined ? 'none' : kind,
      userId,
      address: address ?? '',
      challenge: 'challenge' in mail ? mail.challenge : null,
      facts: JSON.stringify(facts),
      expiresAt: 'expiresAt' in mail ? mail.expiresAt : new Date(at + NOTICE_MS),
    }
  }

  /** Sends a test mail at once, past the outbox, so that an operator sees what the relay says. */
  async function test(address: string): Promise<Outcome | undefined> {
    const row = { ...rowOf({ kind: 'test', address }), attempts: 1 }
    const content = render(row)
    if (!transport || !content) return undefined
    return transport.send({ id: row.id, to: address, ...content }, new AbortController().signal)
  }

  /** Deletes expired rows that no sender has taken, a bounded number at a time. */
  function clean(): Promise<boolean> {
    const before = new Date(clock() - LEFT_MS)
    return deleteOldest(db, { table: 'Mail', column: 'expiresAt', before })
  }

  return {
    /** Whether mails are sent at all: not in production without a relay. */
    isOn: transport !== undefined,
    queue,
    countRequest,
    test,
    /** For operators: the oldest mails, one more try for one or all, and the end of one. */
    outbox: {
      list: () => store.list(LISTED),
      ...{ find: store.find, retry: store.hurry, drop: store.remove },
    },
    send: sender?.run,
    figures: createFigures({ store, clock, counts: () => ({ ...sender?.counts(), dropped }) }),
    clean,
    /** Whether the last mail was not taken, and waits to be sent again. */
    isFailing: () => sender?.isFailing() ?? false,
    close: async () => sender?.close(),
  }
}

type Counting = {
  store: Pick<ReturnType<typeof createMailStore>, 'size'>
  clock: Clock
  counts: () => { sent?: number; failed?: number; dropped: number }
}

/** What metrics show. While the database is away, the table is as it was last seen. */
function createFigures({ store, clock, counts }: Counting) {
  let table = { waiting: 0, oldestSeconds: 0 }

  async function look(): Promise<typeof table> {
    const { count, oldest } = await store.size()
    const seconds = oldest === undefined ? 0 : (clock() - timeOf(oldest)) / 1000
    return { waiting: count, oldestSeconds: Math.max(0, seconds) }
  }

  return async () => {
    table = await look().catch(() => table)
    const { sent = 0, failed = 0, dropped } = counts()
    return { ...table, sent, failed, dropped }
  }
}

/** The time in a UUID of version 7 (RFC 9562 5.7). */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16)
}
