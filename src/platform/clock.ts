/** Milliseconds since 1970. An argument everywhere, so that tests can move it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

/** Seconds since 1970, as JWT claims count them (RFC 7519 NumericDate). */
export function epochSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
