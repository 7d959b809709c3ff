import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary folder, and the list of what to undo at the end. */
export type Workspace = {
  folder: string
  onClose: (undo: () => unknown) => void
  /** Undoes everything so far, the last first, also when one of them fails. */
  close: () => Promise<void>
}

/**
 * Runs a program of the benchmark in a workspace, and cleans up after it, also after Ctrl-C.
 * @param work its result says whether all promises held; the exit code follows it
 */
export async function inWorkspace(work: (workspace: Workspace) => Promise<boolean>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const undos: (() => unknown)[] = []
  let closing = Promise.resolve()
  // A server that is about to end may still write.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void close().finally(() => process.exit(130)))
  }
  // Whatever a program that failed has left open is not to keep it alive.
  process.exit(await exitCode().finally(close))

  async function exitCode(): Promise<number> {
    try {
      return (await work({ folder, onClose: (undo) => void undos.push(undo), close })) ? 0 : 1
    } catch (error) {
      console.error(`The benchmark failed: ${error instanceof Error ? error.message : error}`)
      return 2
    }
  }

  // Whoever calls it second waits for the first.
  function close(): Promise<void> {
    closing = closing.then(undoAll)
    return closing
  }

  async function undoAll(): Promise<void> {
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      try {
        await undo()
      } catch (error) {
        console.error(error)
      }
    }
  }
}
