import { mkdirSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Surroundings, writeOutputOf } from './program-output.ts'

/** What tar says of files that are deleted or written meanwhile; the rest of them is there. */
const HARMLESS =
  /^tar: (.*(file changed as we read it|[Rr]emoved before we read it)|.*No such file.*)?$/

/**
 * Archives a folder that is in use with `tar`, under its own name; a missing one becomes empty.
 * @param target a file that does not exist yet; gets the mode 600 @throws Error what `tar` said
 */
export async function archiveFolder(folder: string, target: string, surroundings: Surroundings) {
  const path = resolve(folder)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const args = ['-czf', '-', '-C', dirname(path), basename(path)]
  const total = await bytesIn(path)
  const { code, said } = await writeOutputOf({
    ...{ ...surroundings, program: 'tar', args, target, total },
  })
  const isWhole =
    code === 0 || (code === 1 && said.split('\n').every((line) => HARMLESS.test(line)))
  if (!isWhole) throw new Error(`tar ended with ${code}: ${said}`)
}

/** Files that vanish meanwhile count nothing. */
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
