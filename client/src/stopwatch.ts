/**
 * Milliseconds that have passed, at least. One clock stands still while some devices sleep, and the other may be
 * set back, so the one that says more is right; if it says too much, a token is refreshed early.
 */
export function createStopwatch(): () => number {
  const [beganAt, beganOn] = [performance.now(), Date.now()]
  return () => Math.max(performance.now() - beganAt, Date.now() - beganOn)
}
