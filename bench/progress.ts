import { SingleBar } from 'cli-progress'

/** A progress bar; where there is no terminal, a line now and then. */
export function progressBar(format: string): SingleBar {
  return new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 10_000 })
}
