/** Milliseconds that have passed: one clock stops during sleep, the other may be set back. */
export function createStopwatch(): () => number {
  const [beganAt, beganOn] = [performance.now(), Date.now()]
  return () => Math.max(performance.now() - beganAt, Date.now() - beganOn)
}
