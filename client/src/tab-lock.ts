type Locks = { request<T>(name: string, work: () => Promise<T>): Promise<T> }

/** A mutex of this client and, if `shared` names a Web Lock, of all tabs of the browser. */
export function createTabLock(shared: string | undefined) {
  let last: Promise<unknown> = Promise.resolve()
  const { navigator } = globalThis as { navigator?: { locks?: Locks } }
  const locks = navigator?.locks

  return function runExclusive<T>(work: () => Promise<T>): Promise<T> {
    const start = () => (shared && locks ? locks.request(shared, work) : work())
    const run = last.then(start, start)
    last = run.catch(() => undefined)
    return run
  }
}
