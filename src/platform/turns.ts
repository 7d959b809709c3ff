type Turn = { grant: () => void; timer: NodeJS.Timeout }

type Needs = {
  /** How many may wait; one more is refused at once. */
  maxWaiting: number
  refuse: () => Error
  timeOut: () => Error
}

/**
 * One at a time, first come, first served: a lock whose queue is bounded in length and in time.
 */
export function createTurns({ maxWaiting, refuse, timeOut }: Needs) {
  const waiting = new Set<Turn>()
  let isTaken = false

  function next(): void {
    const [first] = waiting
    if (!first) {
      isTaken = false
      return
    }
    waiting.delete(first)
    clearTimeout(first.timer)
    first.grant()
  }

  function release(): () => void {
    let isReleased = false
    return () => {
      if (!isReleased) next()
      isReleased = true
    }
  }

  function wait(milliseconds: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(turn)
        reject(timeOut())
      }
      const turn = { grant: () => resolve(release()), timer: setTimeout(giveUp, milliseconds) }
      waiting.add(turn)
    })
  }

  /**
   * Waits for the turn, at most so many milliseconds.
   * @returns the function that ends the turn; calling it again does nothing
   * @throws what `refuse` or `timeOut` made
   */
  async function take(milliseconds: number): Promise<() => void> {
    if (isTaken) {
      if (waiting.size >= maxWaiting) throw refuse()
      return wait(milliseconds)
    }
    isTaken = true
    return release()
  }

  return { take }
}
