import { mkdirSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Surroundings, writeOutputOf } from './program-output.ts'

/** What tar says of files that are deleted or written meanwhile; all others are there. */
const HARMLESS = /^tar: .*: ([Ff]ile changed as|[Ff]ile removed before) we read it$/

/**
 * Archives a folder that is in use, under its own name; a missing one becomes empty.
 * @throws Error when the target exists, or with what `tar` said
 */
export async function archiveFolder(folder: string, target: string, surroundings: Surroundings) {
  const path = resolve(folder)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const args = ['-czf', '-', '-C', dirname(path), basename(path)]
  const total = await bytesIn(path)
  const env = { ...surroundings.env, LC_ALL: 'C' }
  const { code, said } = await writeOutputOf({
    ...{ ...surroundings, env, program: 'tar', args, target, total },
  }).catch(nameProgram)
  const isHarmless = code === 1 && said.split('\n').every((line) => HARMLESS.test(line))
  if (code !== 0 && !isHarmless) throw new Error(`tar ended with ${code}: ${said}`)
}

function nameProgram(cause: NodeJS.ErrnoException): never {
  if (!cause.syscall?.startsWith('spawn')) throw cause
  throw new Error('tar is not installed here; it archives the uploads.', { cause })
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder, { recursive: true })) {
    bytes += await stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}
