export type Asker = {
  /** May have many networks; the network by default. */
  site?: string
  network: string
  account: string
}

/** What waits of one site, network or account, and when it was last served. */
type Lane = { waiting: number; turn: number; slots: number }
type Lanes = readonly Lane[]
type Waiter = {
  asker: Asker
  lanes: Lanes
  isCostly: boolean
  answer: (isAdmitted: boolean) => void
}

export type QueueLimits = {
  atOnce: number
  length: number
  /** Slots of one network, and of one account, while others wait. */
  slotsEach: number
}

/** Slots of a site for each one of a network: a site may be one customer or many. */
const SITE_SLOTS = 4

/**
 * A bounded queue that serves networks, and accounts, in turn (round robin, RFC 970). One alone may
 * fill it; while others wait, each network, account and site has its slots. When it is full, a
 * newcomer replaces the last waiter of those with more (longest queue drop, Suter et al., INFOCOM
 * 1998).
 */
export function createFairQueue({ atOnce, length, slotsEach }: QueueLimits) {
  // In order of arrival; few enough to search.
  const waiting: Waiter[] = []
  const kinds = [SITE_SLOTS * slotsEach, slotsEach, slotsEach].map((slots) => ({
    slots,
    lanes: new Map<string, Lane>(),
  }))
  let [turn, running, costly] = [0, 0, 0]

  function hasRoom(asker: Asker): boolean {
    const lanes = lanesOf(asker)
    const crowd = crowdBefore(lanes)
    return crowd === undefined || loserOf(crowd, lanes) !== undefined
  }

  /**
   * After true, the caller calls `leave`. @param isCostly one runs at a time
   * @returns false where there is no room, or a newcomer took the slot
   */
  function enter(asker: Asker, isCostly: boolean): Promise<boolean> {
    const crowd = crowdBefore(lanesOf(asker))
    const loser = crowd && loserOf(crowd, lanesOf(asker))
    if (crowd && !loser) return Promise.resolve(false)
    if (loser) {
      remove(loser)
      loser.answer(false)
    }
    return new Promise((answer) => {
      add({ asker, lanes: lanesOf(asker), isCostly, answer })
      startNext()
    })
  }

  function leave(isCostly: boolean): void {
    running -= 1
    if (isCostly) costly -= 1
    startNext()
  }

  function lanesOf(asker: Asker): Lanes {
    turn += 1
    const keys = keysOf(asker)
    return kinds.map(
      ({ lanes, slots }, at) => lanes.get(keys[at] ?? '') ?? { waiting: 0, turn, slots },
    )
  }

  /** Waiters of which one must leave for a newcomer; undefined where there is room. */
  function crowdBefore(lanes: Lanes): Waiter[] | undefined {
    const isFull = (lane: Lane) => lane.waiting >= lane.slots && lane.waiting < waiting.length
    const full = lanes.filter(isFull)
    if (full.length === 0 && waiting.length < length) return undefined
    return waiting.filter((waiter) => full.every((lane) => waiter.lanes.includes(lane)))
  }

  /** The last waiter of those with the largest lead over the newcomer, if any. */
  function loserOf(crowd: Waiter[], lanes: Lanes): Waiter | undefined {
    const leads = crowd.map((waiter) => leadOf(waiter.lanes, lanes))
    const most = Math.max(0, ...leads)
    return most > 1 ? crowd[leads.lastIndexOf(most)] : undefined
  }

  function startNext(): void {
    while (running < atOnce) {
      const next = nextWaiter()
      if (next === undefined) return
      start(next)
    }
  }

  function nextWaiter(): Waiter | undefined {
    let first: Waiter | undefined
    for (const waiter of waiting) {
      if (waiter.isCostly && costly > 0) continue
      if (first === undefined || byTurn(waiter, first) < 0) first = waiter
    }
    return first
  }

  function start(waiter: Waiter): void {
    turn += 1
    for (const lane of waiter.lanes) lane.turn = turn
    remove(waiter)
    running += 1
    if (waiter.isCostly) costly += 1
    waiter.answer(true)
  }

  function add(waiter: Waiter): void {
    const { asker, lanes } = waiter
    waiting.push(waiter)
    for (const [at, lane] of lanes.entries()) {
      lane.waiting += 1
      kinds[at]?.lanes.set(keysOf(asker)[at] ?? '', lane)
    }
  }

  /** Removes empty lanes, so that there are never more than waiters. */
  function remove(waiter: Waiter): void {
    const { asker, lanes } = waiter
    waiting.splice(waiting.indexOf(waiter), 1)
    for (const [at, lane] of lanes.entries()) {
      lane.waiting -= 1
      if (lane.waiting === 0) kinds[at]?.lanes.delete(keysOf(asker)[at] ?? '')
    }
  }

  return { hasRoom, enter, leave, figures: () => ({ running, waiting: waiting.length }) }
}

function keysOf({ network, account, site = network }: Asker): string[] {
  return [site, network, account]
}

/** How many more wait beside a waiter than beside a newcomer, in lanes they do not share. */
function leadOf(lanes: Lanes, newcomer: Lanes): number {
  const leads = lanes.map((lane, at) => {
    const other = newcomer[at]
    return other === undefined || lane === other ? 0 : lane.waiting - other.waiting
  })
  return Math.max(...leads)
}

/** By last service of network or account, then by arrival; not of sites, which may be carriers. */
function byTurn({ lanes: one }: Waiter, { lanes: other }: Waiter): number {
  const turns = ([, ...lanes]: Lanes) => lanes.map((lane) => lane.turn)
  return (
    Math.max(...turns(one)) - Math.max(...turns(other)) ||
    Math.min(...turns(one)) - Math.min(...turns(other))
  )
}
