type Waiter = { grant: () => void; timer: NodeJS.Timeout }

type Dependencies = {
  maxWaiting: number
  refuse: () => Error
  timeOut: () => Error
}

/** A mutex whose queue is bounded in length and time: first come, first served. */
export function createMutex({ maxWaiting, refuse, timeOut }: Dependencies) {
  const waiting = new Set<Waiter>()
  let isLocked = false

  function next(): void {
    const [first] = waiting
    if (!first) {
      isLocked = false
      return
    }
    waiting.delete(first)
    clearTimeout(first.timer)
    first.grant()
  }

  function createRelease(): () => void {
    let isReleased = false
    return () => {
      if (!isReleased) next()
      isReleased = true
    }
  }

  function wait(limitMs: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(waiter)
        reject(timeOut())
      }
      const grant = () => resolve(createRelease())
      const waiter = { grant, timer: setTimeout(giveUp, limitMs) }
      waiting.add(waiter)
    })
  }

  /** @returns a function that releases it, once @throws what `refuse` or `timeOut` made */
  async function acquire(limitMs: number): Promise<() => void> {
    if (isLocked) {
      if (waiting.size >= maxWaiting) throw refuse()
      return wait(limitMs)
    }
    isLocked = true
    return createRelease()
  }

  return { acquire, isLocked: () => isLocked, waitingCount: () => waiting.size }
}
