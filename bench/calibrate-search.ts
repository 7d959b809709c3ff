/** Memory in KiB and passes of argon2id with one lane. */
export type Cost = { memoryKib: number; time: number }

type Needs = {
  /** Milliseconds that one hash should take. */
  targetMs: number
  /** The weakest settings that may come out, each for a number of passes. */
  floors: readonly Cost[]
  /** Most memory for one hash, unless the weakest settings need more. */
  mostMemoryKib: number
  /** How many milliseconds a hash takes. */
  measure: (cost: Cost) => Promise<number>
}

const STEP_KIB = 1024
/** Most passes that the server takes. */
const MOST_PASSES = 20
const CORRECTIONS = 3

/**
 * Looks for settings that take the time wished for: as much memory as may be, since that is what
 * makes guessing dear, and more passes only once the memory is used up.
 * @returns the quickest of the weakest settings when all of them take longer
 */
export async function costFor({ targetMs, floors, mostMemoryKib, measure }: Needs): Promise<Cost> {
  let quickest = { cost: { memoryKib: 0, time: 0 }, ms: Infinity }
  for (const floor of floors) {
    const ms = await measure(floor)
    if (ms <= targetMs) return raised(floor)
    if (ms < quickest.ms) quickest = { cost: floor, ms }
  }
  return quickest.cost

  async function raised(floor: Cost): Promise<Cost> {
    const most = Math.max(mostMemoryKib, floor.memoryKib)
    let cost = floor
    for (let turn = 0; turn < CORRECTIONS; turn++) {
      // A hash takes a time in proportion to memory and passes, or nearly so.
      const msPerKib = (await measure(cost)) / (cost.memoryKib * cost.time)
      const kib = targetMs / msPerKib
      const time = clamp(passesFor(kib / most), floor.time, MOST_PASSES)
      const memoryKib = Math.floor(clamp(kib / time, floor.memoryKib, most) / STEP_KIB) * STEP_KIB
      cost = { memoryKib: Math.max(memoryKib, floor.memoryKib), time }
    }
    return cost
  }
}

/**
 * Whole passes instead of a broken number. One more with less memory is better as long as memory times
 * time, which is what guessing costs, comes to more than with one less that leaves time over.
 */
function passesFor(passes: number): number {
  const less = Math.floor(passes)
  return passes > Math.sqrt(less * (less + 1)) ? less + 1 : less
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
