import { randomInt } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

/**
 * Makes UUIDv7 ids whose order is that of their making on one server, also within a millisecond: a
 * random start, then a count (RFC 9562 6.2, method 1).
 * @returns what makes the id for a moment
 */
export function createIds(): (now: Date) => string {
  let last = Number.NaN
  let sequence = 0
  return (now) => {
    const msecs = now.getTime()
    sequence = msecs === last ? sequence + 1 : randomInt(2 ** 31)
    last = msecs
    return uuidv7({ msecs, seq: sequence })
  }
}
