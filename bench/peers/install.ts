import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BENCH = fileURLToPath(new URL('..', import.meta.url))
const LOCK = fileURLToPath(new URL('../package-lock.json', import.meta.url))
/** npm writes it at the end of every installation. */
const STAMP = fileURLToPath(new URL('../node_modules/.package-lock.json', import.meta.url))
const LOADS = "new (require('better-sqlite3'))(':memory:')"

/** Installs the packages of the benchmark where they are missing or older than the lock file. */
export function ensureInstalled(): void {
  if (changedAt(STAMP) < changedAt(LOCK)) {
    console.error('Installing the packages of the benchmark …')
    npm('ci')
  }
}

let failure: unknown

/**
 * Runs the install script of better-sqlite3, the only one that is needed here; it tries once.
 * @throws Error when there is neither a binary nor a C++ compiler
 */
export function ensureCompiled(): void {
  if (failure === undefined && !isLoadable()) {
    console.error('Downloading or compiling better-sqlite3 for the peers (once; up to 5 minutes) …')
    try {
      npm('rebuild', 'better-sqlite3', '--ignore-scripts=false')
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined) {
    const reason = 'better-sqlite3 was not compiled: that needs Python, make and g++'
    throw new Error(reason, { cause: failure })
  }
}

/** One that was built for another version of Node is not. */
function isLoadable(): boolean {
  try {
    execFileSync(process.execPath, ['-e', LOADS], { cwd: BENCH, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function npm(...args: string[]): void {
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const stdio = ['ignore', 'ignore', 'inherit'] as const
  execFileSync(program, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: BENCH,
    stdio: [...stdio],
  })
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
