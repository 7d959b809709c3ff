import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BENCH = fileURLToPath(new URL('..', import.meta.url))
const LOCK = fileURLToPath(new URL('../package-lock.json', import.meta.url))
/** npm writes it at the end of every installation. */
const STAMP = fileURLToPath(new URL('../node_modules/.package-lock.json', import.meta.url))

/** Installs the packages of the benchmark where they are missing or older than the lock file. */
export function ensureInstalled(): void {
  if (changedAt(STAMP) >= changedAt(LOCK)) return
  console.error('Installing the packages of the benchmark …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  execFileSync(npm, ['ci', '--prefix', BENCH, '--no-audit', '--no-fund'], {
    cwd: BENCH,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
