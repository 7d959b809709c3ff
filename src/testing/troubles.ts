import { randomUUID } from 'node:crypto'
import { OPERATOR } from '../platform/actor.ts'
import { overloaded as imagesOverloaded } from '../platform/images/images.ts'
import { overloaded as passwordsOverloaded } from '../platform/passwords/hash-queue.ts'
import type { Host } from './host.ts'
import type { TroubleWish } from './operations.ts'

/** Troubles of one server, by their ids. */
export function createTroubles(host: Host) {
  const running = new Map<string, () => void>()
  const overload = createOverload(host)

  /** @returns its id */
  async function start(wish: TroubleWish): Promise<string> {
    const id = randomUUID()
    running.set(id, await begin(wish))
    return id
  }

  async function begin(wish: TroubleWish): Promise<() => void> {
    if (wish.kind === 'drop-next-response') return host.front.dropNext(wish)
    if (wish.kind === 'delay') return host.front.delay(wish.milliseconds, wish)
    return wish.kind === 'overload' ? overload() : host.database.leave()
  }

  /** Does nothing for one that has ended. */
  function end(id: string): void {
    running.get(id)?.()
    running.delete(id)
  }

  function endAll(): void {
    for (const id of [...running.keys()]) end(id)
  }

  return { start, end, endAll }
}

/** One overload, however often it is asked for: the last that ends frees the queues. */
function createOverload(host: Host) {
  let asked = 0
  let free = () => {}

  /** @returns what ends it */
  return function begin(): () => void {
    if (asked === 0) free = fillQueues(host)
    asked += 1
    return () => {
      asked -= 1
      if (asked === 0) free()
    }
  }
}

/** Full queues, of password hashes and of photos, without the work that fills them. */
function fillQueues({ latchkey: { services } }: Host): () => void {
  const { passwords, images } = services
  const own = { ...passwords }
  const { reencode } = images
  const refusePassword = async () => {
    throw passwordsOverloaded()
  }
  Object.assign(passwords, {
    ...{ assertCapacity: refusePassword, hash: refusePassword, match: refusePassword },
    ...{ verify: refusePassword, digest: refusePassword },
  })
  images.reencode = async () => {
    throw imagesOverloaded()
  }
  return () => {
    Object.assign(passwords, own)
    images.reencode = reencode
  }
}

/** Ends all sessions of everybody. @returns how many were live */
export function revokeEverything({ latchkey: { services } }: Host): Promise<number> {
  return services.administration.endAllSessions(OPERATOR)
}
