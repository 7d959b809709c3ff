import { setTimeout as sleep } from 'node:timers/promises'
import { refusesWrites } from './errors.ts'

type Dependencies = {
  tryWrite: () => Promise<void>
  everyMs?: number
}

/** Knows whether the last write was accepted; after a refusal, tries a small one every second. */
export function createWriteWatch({ tryWrite, everyMs = 1000 }: Dependencies) {
  let isRefused = false
  let isClosed = false

  function note(error: unknown): never {
    if (refusesWrites(error) && !isRefused) {
      isRefused = true
      void untilTaken()
    }
    throw error
  }

  async function untilTaken(): Promise<void> {
    while (isRefused && !isClosed) {
      await sleep(everyMs, undefined, { ref: false })
      isRefused = isClosed || !(await isTaken())
    }
  }

  function isTaken(): Promise<boolean> {
    return tryWrite().then(
      () => true,
      () => false,
    )
  }

  return {
    note,
    takesWrites: () => !isRefused,
    close: () => {
      isClosed = true
    },
  }
}
