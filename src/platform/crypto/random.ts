import { randomBytes } from 'node:crypto'

const BYTES = 16
const AT_ONCE = 256

let pool = Buffer.alloc(0)
let used = 0

/** 128 random bits, made for many at once: a call for each costs as much as several hashes. */
export function randomBits(): Buffer {
  if (used === pool.length) {
    pool = randomBytes(BYTES * AT_ONCE)
    used = 0
  }
  used += BYTES
  return pool.subarray(used - BYTES, used)
}
