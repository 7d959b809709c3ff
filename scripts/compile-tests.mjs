// Compiles src/ and test/ once for a whole run of the tests. Compiled on the fly, each file would pay for it
// again: a second of processor time, for about a hundred files.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findCompiler } from './build.mjs'
import { bundlePackages } from './bundle-packages.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LINKED = ['node_modules', 'prisma']
/** They find README.md, src/*.ts and the like by their own address, which stays that of the source. */
const AT_HOME = ['bench', 'scripts', 'test']

/**
 * Types are not checked here: `npm run check` does. Stacks name the sources, with `--enable-source-maps`.
 * @param folder empty; gets `src/`, `test/` and the rest as JavaScript, in the places they have here
 */
export function compileTests(folder) {
  const options = ['--noEmit', 'false', '--noCheck', '--inlineSourceMap', '--outDir', folder]
  const args = [findCompiler(), '--project', join(ROOT, 'test'), ...options]
  try {
    execFileSync(process.execPath, args, { stdio: 'inherit' })
  } catch {
    console.error('The tests do not compile; the compiler says why above.')
    process.exit(1)
  }
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name), 'junction')
  for (const part of AT_HOME) keepAddresses(folder, part)
  bundlePackages(folder, ['src', ...AT_HOME])
}

function keepAddresses(folder, part) {
  for (const name of readdirSync(join(folder, part), { recursive: true })) {
    if (!/\.m?js$/.test(name)) continue
    const [file, source] = [join(folder, part, name), join(ROOT, part, name)]
    const address = pathToFileURL(source.replace(/\.js$/, '.ts')).href
    const text = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      text.replaceAll('import.meta.url', () => JSON.stringify(address)),
    )
  }
}
