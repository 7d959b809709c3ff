import { SingleBar } from 'cli-progress'
import type { Progress } from '../platform/program-output.ts'

export type ProgressBar = { update: Progress; stop: () => void }

const MIB = 1024 * 1024

/** A bar on standard error, in MiB; without a total it only counts. */
export function progressBar(what: string): ProgressBar {
  const format = ({ total }: { total: number }) => (total > 0 ? '{bar} {value}/{total}' : '{value}')
  let bar: SingleBar | undefined
  function update(done: number, total: number): void {
    const [value, most] = [done, Math.max(done, total)].map((bytes) => Math.round(bytes / MIB))
    bar ??= new SingleBar({ format: `${what} ${format({ total })} MiB`, clearOnComplete: true })
    if (!bar.isActive) bar.start(most ?? 0, value ?? 0)
    bar.setTotal(most ?? 0)
    bar.update(value ?? 0)
  }
  return { update, stop: () => bar?.stop() }
}
