import { SLOWEST_BODY, SLOWEST_FOR } from '../limits.ts'

/** How often the pace of a body is checked. */
export const LOOK_MS = 500

const LOOKS = SLOWEST_FOR / LOOK_MS
const LEAST_BYTES = (SLOWEST_BODY * SLOWEST_FOR) / 1000

/**
 * Checks the pace of a body by the bytes since the last check. Check only while the server waits: a
 * busy server does not make a client slow. @returns whether it was too slow for too long
 */
export function createPace(): (bytes: number) => boolean {
  const recent: number[] = []
  return (bytes) => {
    recent.push(bytes)
    if (recent.length > LOOKS) recent.shift()
    const sum = recent.reduce((total, some) => total + some, 0)
    return recent.length === LOOKS && sum < LEAST_BYTES
  }
}
