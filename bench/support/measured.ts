// On what, when and with which version figures were measured.
import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export function machine(): string {
  const [first] = cpus()
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${cpus().length} cores (${first?.model.trim()}), ${memory} GiB of memory, Node ${process.version}`
}

export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** The commit that is checked out, with a mark when files have changed since. */
export function commit(): string {
  const args = ['describe', '--always', '--dirty', '--exclude=*']
  const { stdout } = spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' })
  return stdout?.trim() || 'unknown'
}

/** The first sentence of the figures on a page, without its full stop. */
export function measured(): string {
  return `Measured on ${machine()}, on ${today()} at commit ${commit()}`
}
