type Locks = { request<T>(name: string, work: () => Promise<T>): Promise<T> }

/**
 * Lets what changes a session take turns: in this client, and where `shared` names a lock and the platform
 * has them (Web Locks API), in all tabs of the browser.
 */
export function createTurns(shared: string | undefined) {
  let last: Promise<unknown> = Promise.resolve()
  const { navigator } = globalThis as { navigator?: { locks?: Locks } }
  const locks = navigator?.locks

  return function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const start = () => (shared && locks ? locks.request(shared, work) : work())
    const turn = last.then(start, start)
    last = turn.catch(() => undefined)
    return turn
  }
}
