import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PARTS = ['dist', 'prisma', 'package.json']

/** Copies what is built, so that a build during the run changes nothing. */
export function copyBuild(folder: string): string {
  const target = join(folder, 'latchkey-build')
  mkdirSync(target)
  for (const part of PARTS) cpSync(join(ROOT, part), join(target, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules'))
  return target
}

/**
 * Builds another state of this repository in a folder of its own, with its own packages.
 * @param ref a commit, a branch or a tag
 * @throws Error when git does not know it, or it cannot be built
 */
export function buildRef(ref: string, folder: string): string {
  const target = join(folder, 'latchkey-against')
  mkdirSync(target)
  console.error(`Building ${ref} …`)
  const archive = join(folder, 'against.tar')
  run('git', ['-C', ROOT, 'archive', '--output', archive, ref], folder)
  run('tar', ['-xf', archive, '-C', target], folder)
  const lock = (root: string) => readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (lock(target) === lock(ROOT)) {
    symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules'))
  } else {
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], target)
  }
  run(process.execPath, ['scripts/build.mjs'], target)
  return target
}

function run(command: string, args: string[], cwd: string): void {
  const program = command === 'npm' && process.platform === 'win32' ? 'npm.cmd' : command
  try {
    execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'is not installed' : `failed: ${args.join(' ')}`
    throw new Error(`--against: ${command} ${why}`, { cause })
  }
}
