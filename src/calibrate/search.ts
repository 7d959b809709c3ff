/** Memory in KiB and passes of argon2id with one lane. */
export type Cost = { memoryKib: number; time: number }

type Search = {
  targetMs: number
  /** The weakest costs allowed, each for a number of passes. */
  floors: readonly Cost[]
  /** Maximum memory of one hash, unless a floor needs more. */
  maxMemoryKib: number
  measure: (cost: Cost) => Promise<number>
}

const STEP_KIB = 1024
/** Most passes that the server accepts. */
const MAX_PASSES = 20
const CORRECTIONS = 3

/**
 * Finds a cost that takes the target time. Prefers memory, which makes guessing expensive, and adds
 * passes once memory is used up. @returns the fastest floor when all take longer
 */
export async function costFor({ targetMs, floors, maxMemoryKib, measure }: Search): Promise<Cost> {
  let fastest = { cost: { memoryKib: 0, time: 0 }, ms: Infinity }
  for (const floor of floors) {
    const ms = await measure(floor)
    if (ms <= targetMs) return raise(floor)
    if (ms < fastest.ms) fastest = { cost: floor, ms }
  }
  return fastest.cost

  async function raise(floor: Cost): Promise<Cost> {
    const most = Math.max(maxMemoryKib, floor.memoryKib)
    let cost = floor
    for (let round = 0; round < CORRECTIONS; round++) {
      // The time of a hash is nearly proportional to memory and passes.
      const msPerKib = (await measure(cost)) / (cost.memoryKib * cost.time)
      const kib = targetMs / msPerKib
      const time = clamp(passesFor(kib / most), floor.time, MAX_PASSES)
      const memoryKib = Math.floor(clamp(kib / time, floor.memoryKib, most) / STEP_KIB) * STEP_KIB
      cost = { memoryKib: Math.max(memoryKib, floor.memoryKib), time }
    }
    return cost
  }
}

/** Rounds up, with less memory, if memory times time, the cost of guessing, is then higher. */
function passesFor(passes: number): number {
  const less = Math.floor(passes)
  return passes > Math.sqrt(less * (less + 1)) ? less + 1 : less
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
