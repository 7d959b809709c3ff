/**
 * A property that compares nothing more once `limitMs` have passed, so that a slow machine tries
 * fewer inputs. fast-check's own limit ends the test in the middle of a run, which then goes on
 * against servers that are closed.
 */
export function withinTime<Inputs extends unknown[]>(
  limitMs: number,
  compare: (...inputs: Inputs) => Promise<void>,
): (...inputs: Inputs) => Promise<void> {
  const endsAt = performance.now() + limitMs
  return async (...inputs) => {
    if (performance.now() < endsAt) await compare(...inputs)
  }
}
