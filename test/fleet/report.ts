import { table } from '../../bench/support/table.ts'
import type { Line } from './load/journal.ts'
import type { Outcome } from './stage.ts'

const HEAD = [
  ...['what happens', 'lasted, s', 'requests', '503', 'connections lost', 'other errors'],
  ...[
    'slowest answer, s',
    'recovery, s',
    'an ended session lived, s',
    'allowance, s',
    'promises broken',
  ],
]

/** The table of a run. */
export function tableOf(outcomes: readonly Outcome[]): string {
  return table(HEAD, outcomes.map(cellsOf))
}

function cellsOf({
  fault,
  lastedMs,
  lines,
  recoveryMs,
  longestLifeMs,
  slackMs,
  broken,
}: Outcome): string[] {
  return [
    fault.what,
    seconds(lastedMs),
    String(lines.length),
    String(count(lines, (status) => status === 503)),
    String(count(lines, (status) => status === 0)),
    othersIn(lines),
    seconds(Math.max(0, ...lines.map(({ ms }) => ms))),
    seconds(recoveryMs),
    seconds(longestLifeMs),
    seconds(slackMs),
    String(broken.length),
  ]
}

function count(lines: readonly Line[], is: (status: number) => boolean): number {
  return lines.filter(({ status }) => is(status)).length
}

/** Statuses from 400 on without 503, each with its number. 412 and 404 are answers to retries. */
function othersIn(lines: readonly Line[]): string {
  const others = new Map<number, number>()
  for (const { status } of lines) {
    if (status >= 400 && status !== 503) others.set(status, (others.get(status) ?? 0) + 1)
  }
  const texts = [...others]
    .sort(([one], [other]) => one - other)
    .map(([code, n]) => `${n} × ${code}`)
  return texts.join(', ') || '0'
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

const SHOWN = 10

/** The first broken promises of each, in full. */
export function brokenIn(outcomes: readonly Outcome[]): string {
  return outcomes
    .flatMap(({ fault, broken }) =>
      broken
        .slice(0, SHOWN)
        .map(({ what, details }) => `BROKEN (${fault.name}): ${what}\n${details}`),
    )
    .join('\n\n')
}
