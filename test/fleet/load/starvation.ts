import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 20
const FACTOR = 10

export type Starvation = ReturnType<typeof createStarvation>

/** How long processes wait for a core here, as a timer of this one shows. */
export function createStarvation() {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return {
    begin: () => delay.reset(),
    /** What is added to promised times: nothing on a machine that has a core to spare. */
    slackMs: () => FACTOR * Math.max(0, delay.percentile(99) / 1e6 - 2 * RESOLUTION_MS),
    stop: () => delay.disable(),
  }
}
