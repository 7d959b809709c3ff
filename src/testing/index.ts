import type { StartOptions, TestLatchkey } from './types.ts'

export type * from './types.ts'

/**
 * Starts a server for tests: on a free port of this machine, with an empty database, cheap password
 * hashes, mails that stay here, and a clock that can be moved. Several may run at once.
 *
 *     const latchkey = await startLatchkey()
 *     const ada = await latchkey.signedIn()
 *     await latchkey.clock.advance('16m')
 *     const { status } = await ada.fetch('/me') // 401
 *     await latchkey.close()
 *
 * @throws Error for a setting that cannot be, and for production
 */
export async function startLatchkey(options: StartOptions = {}): Promise<TestLatchkey> {
  // Loaded here, so that nothing of a server is loaded beside one that is a process.
  if (options.process) {
    const { startChild } = await import('./child.ts')
    return startChild(options)
  }
  const { startHere } = await import('./here.ts')
  return startHere(options)
}
