import closeWithGrace from 'close-with-grace'

/** Its types lack this. */
const grace = closeWithGrace as typeof closeWithGrace & { closing: boolean }

/**
 * Loads code that few need. Node.js remembers a failure, as for lack of file descriptors: so the
 * error is also thrown as an uncaught one, which ends the process, and a new one tries again.
 */
export async function loadCode<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    endProcess(error)
    throw error
  }
}

/** The same for `require`. */
export function requireCode<T>(load: () => T): T {
  try {
    return load()
  } catch (error) {
    endProcess(error)
    throw error
  }
}

/** Once: a second uncaught error would cut the stop short. */
function endProcess(error: unknown): void {
  setImmediate(() => {
    if (!grace.closing) throw error
  })
}
