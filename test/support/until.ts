import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for what comes by itself. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  ms = 5000,
  what = String(isSo),
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`)
    await sleep(5)
  }
}
