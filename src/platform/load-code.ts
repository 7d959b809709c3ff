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

function endProcess(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
