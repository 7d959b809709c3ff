import { randomInt } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { randomBits } from './random.ts'

/** A UUIDv7 id (RFC 9562). */
export function newId<Id extends string>(now: Date): Id {
  return uuidv7({ msecs: now.getTime(), random: randomBits() }) as Id
}

/** Makes UUIDv7 ids in order, also within a millisecond (RFC 9562 6.2, method 1). */
export function createIds<Id extends string>(): (now: Date) => Id {
  let last = Number.NaN
  let sequence = 0
  return (now) => {
    const msecs = now.getTime()
    sequence = msecs === last ? sequence + 1 : randomInt(2 ** 31)
    last = msecs
    return uuidv7({ msecs, seq: sequence, random: randomBits() }) as Id
  }
}
