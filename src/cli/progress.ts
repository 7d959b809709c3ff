import { SingleBar } from 'cli-progress'
import type { Progress } from '../platform/program-output.ts'

export type ProgressBar = { update: Progress; stop: () => void }

/** What is counted: bytes are shown in MiB. */
export type Unit = 'bytes' | 'rows'

const MIB = 1024 * 1024

/** A bar on standard error; without a total it only counts. */
export function progressBar(what: string, unit: Unit = 'bytes'): ProgressBar {
  const [divisor, suffix] = unit === 'bytes' ? [MIB, ' MiB'] : [1, '']
  const format = ({ total }: { total: number }) => (total > 0 ? '{bar} {value}/{total}' : '{value}')
  let bar: SingleBar | undefined
  function update(done: number, total: number): void {
    const [value, most] = [done, Math.max(done, total)].map((bytes) => Math.round(bytes / divisor))
    bar ??= new SingleBar({
      format: `${what} ${format({ total })}${suffix}`,
      clearOnComplete: true,
    })
    if (!bar.isActive) bar.start(most ?? 0, value ?? 0)
    bar.setTotal(most ?? 0)
    bar.update(value ?? 0)
  }
  return { update, stop: () => bar?.stop() }
}
