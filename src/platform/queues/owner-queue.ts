type Waiter = { site: string; begin: () => void; drop: (reason: unknown) => void }

type Terms = {
  /** Leaves the queue, and rejects with its reason; a job in progress continues. */
  signal?: AbortSignal | undefined
  /** Where the owner is: one person may be many owners. */
  site?: string | undefined
}

type Dependencies = {
  /** Beyond it the last waiter of the largest site leaves, or the newcomer. */
  maxWaiting: number
  maxWaitingOfOwner: number
  refuse: () => Error
  refuseOwner: () => Error
}

/** Runs one job at a time; serves owners, who are signed in, in turn (round robin, RFC 970). */
export function createOwnerQueue({
  maxWaiting,
  maxWaitingOfOwner,
  refuse,
  refuseOwner,
}: Dependencies) {
  const waiting = new Map<string, Set<Waiter>>()
  let waitingCount = 0
  let isBusy = false

  function leave(owner: string, waiter: Waiter): void {
    const waiters = waiting.get(owner)
    if (!waiters?.delete(waiter)) return
    waitingCount--
    if (waiters.size === 0) waiting.delete(owner)
  }

  /** Moves the owner just served behind the others. */
  function serveNext(served: string): void {
    const more = waiting.get(served)
    if (more) {
      waiting.delete(served)
      waiting.set(served, more)
    }
    const [first] = waiting
    const [waiter] = first?.[1] ?? []
    isBusy = waiter !== undefined
    if (!first || !waiter) return
    leave(first[0], waiter)
    waiter.begin()
  }

  /** Keeps a person with many owners from shutting others out (longest queue drop). */
  function makeRoom(site: string): void {
    const waiters = [...waiting.values()].flatMap((some) => [...some]).reverse()
    const countOf = (one: string) => waiters.filter((waiter) => waiter.site === one).length
    const lead = (waiter: Waiter) => countOf(waiter.site) - countOf(site)
    const [loser] = waiters.toSorted((a, b) => lead(b) - lead(a))
    if (!loser || lead(loser) <= 1) throw refuse()
    loser.drop(refuse())
  }

  function wait(owner: string, site: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => drop(signal?.reason)
      const drop = (reason: unknown) => {
        signal?.removeEventListener('abort', giveUp)
        leave(owner, waiter)
        reject(reason)
      }
      const begin = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const waiter = { site, begin, drop }
      waiting.set(owner, (waiting.get(owner) ?? new Set<Waiter>()).add(waiter))
      waitingCount++
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** @throws the error of `refuse` or `refuseOwner`, of the job, or the reason of the signal */
  async function run<T>(owner: string, job: () => Promise<T>, terms: Terms = {}): Promise<T> {
    const { signal, site = '' } = terms
    signal?.throwIfAborted()
    if (isBusy) {
      if ((waiting.get(owner)?.size ?? 0) >= maxWaitingOfOwner) throw refuseOwner()
      if (waitingCount >= maxWaiting) makeRoom(site)
      await wait(owner, site, signal)
    }
    isBusy = true
    try {
      return await job()
    } finally {
      serveNext(owner)
    }
  }

  return { run }
}
