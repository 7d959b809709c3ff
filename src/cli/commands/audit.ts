import type { AuditRow } from '../../features/audit/reading.ts'
import type { Verification } from '../../features/audit/verify.ts'
import type { Services } from '../../services.ts'
import { checkedEvents } from '../checked.ts'
import { columns } from '../output.ts'
import { withServices } from '../server.ts'
import type { Given, Group, Result, Word } from '../word.ts'

const list: Word = {
  usage: 'list',
  about: 'list security events, newest first',
  options: {
    '--user <name>': 'only events about this account',
    '--type <type>': 'only events of this type, such as sign_in_failed',
    '--size <number>': 'how many, 1 to 100; 20 by default',
    '--cursor <cursor>': 'continue behind an earlier list',
  },
  examples: ['audit list --user lyshark', 'audit list --type sign_in_failed --size 100'],
  run: async (given) => {
    const query = await checkedEvents(given.options)
    return withServices(given, async (services) => {
      const page = await services.audit.list({ ...query, ...(await userIn(services, given)) })
      const more = page.nextCursor === null ? '' : `\nMore: --cursor ${page.nextCursor}`
      const items = await named(services, page.items)
      const text = `${columns(items.map(lineOf)) || 'There is no such event.'}${more}`
      return { text, json: { items, nextCursor: page.nextCursor } }
    })
  },
}

const verify: Word = {
  usage: 'verify',
  about: 'check that no event was changed, added or deleted',
  examples: ['audit verify', 'audit verify --json'],
  run: (given) =>
    withServices(given, async ({ audit }) => {
      const bar = await given.io.bar?.('Events checked:', 'rows')
      try {
        return resultOf(await audit.verify(bar?.update))
      } finally {
        bar?.stop()
      }
    }),
}

const exportAll: Word = {
  usage: 'export',
  about: 'print every event, oldest first, as a line of JSON each',
  options: { '--user <name>': 'only events about this account' },
  examples: ['audit export', 'audit export --user lyshark'],
  run: async (given) => {
    await withServices(given, async (services) => {
      const rows = services.audit.exportRows(await userIn(services, given))
      for await (const row of rows) {
        await given.io.out(`${JSON.stringify(viewOf(row))}\n`)
      }
    })
    return undefined
  },
}

/** Security events. */
export const audit: Group = {
  name: 'audit',
  about: 'security events',
  words: [list, verify, exportAll],
}

/** The filter of `--user`. @throws NotFound */
async function userIn(services: Services, { options: { user } }: Given) {
  return typeof user === 'string' ? { userId: await services.administration.find(user) } : {}
}

function resultOf(found: Verification): Result {
  const { isWhole, days, events, unchained, head, problems } = found
  const older = unchained === 0 ? '' : ` ${unchained} older ones are not chained.`
  const lines = problems.map(({ day, seq, what, message }) =>
    [day ?? '-', seq === null ? '-' : String(seq), what, message].join('  '),
  )
  const whole =
    events === 0
      ? `There are no events to check.${older}`
      : `All ${count(events, 'event')} of ${count(days, 'day')} are as they were written.${older}\nThe newest has the hash ${head ?? '-'}.`
  const text = isWhole ? whole : `Events were changed, added or deleted:\n${lines.join('\n')}`
  return { text, json: found, exitCode: isWhole ? 0 : 1 }
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`

type Named = Awaited<ReturnType<typeof named>>[number]

/** With the present usernames of those whom events are about, and of those who acted. */
async function named({ administeredUsers }: Services, rows: readonly AuditRow[]) {
  const ids = rows.flatMap(({ userId, actorId }) => [userId, actorId])
  const names = await administeredUsers.namesOf(ids.filter((id) => id !== null))
  return rows.map((row) => ({
    ...viewOf(row),
    username: names.get(row.userId ?? '') ?? null,
    actorUsername: names.get(row.actorId ?? '') ?? null,
  }))
}

function lineOf(event: Named): string[] {
  const { at, type, userId, username, actorId, actorUsername, ip, detail, count } = event
  const [about, by] = [username ?? userId ?? '-', actorUsername ?? actorId ?? '-']
  const times = count > 1 ? `${count} times` : ''
  return [at.toISOString(), type, about, `by: ${by}`, ip ?? '-', detail ?? '', times]
}

/** What may be shown: the hash of an event is of no use without the others. */
function viewOf(row: AuditRow) {
  const { originSalt: _salt, origin: _origin, hash: _hash, ...event } = row
  return event
}
