// Builds the package @latchkey/client: client/dist, with types.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const CLIENT = fileURLToPath(new URL('../client', import.meta.url))

/** @throws when it does not compile, after the compiler has said why */
export function buildClient() {
  const { resolve } = createRequire(import.meta.url)
  const compiler = join(resolve('typescript/package.json'), '..', 'bin', 'tsc')
  rmSync(join(CLIENT, 'dist'), { recursive: true, force: true })
  execFileSync(process.execPath, [compiler, '--project', CLIENT], { stdio: 'inherit' })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) buildClient()
