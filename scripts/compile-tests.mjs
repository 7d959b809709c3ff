// Compiles src/ and test/ once for a whole run of the tests. Compiled on the fly, each file would pay for it
// again: a second of processor time, for about a hundred files.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { findCompiler } from './build.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LINKED = ['node_modules', 'prisma']
/** They find README.md, src/*.ts and the like by their own address, which stays that of the source. */
const AT_HOME = ['bench', 'scripts', 'test']
/** Hundreds of files each: in one they load in a quarter of a second less, for every test file. */
const BUNDLED = ['typebox', 'typebox/compile', 'typebox/schema']

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
  for (const part of AT_HOME) rewrite(folder, part, keepAddress)
  const bundled = bundlePackages(folder)
  for (const part of ['src', ...AT_HOME]) rewrite(folder, part, (text) => bundled(text))
}

/** Changes the text of each compiled file of a part. */
function rewrite(folder, part, change) {
  for (const name of readdirSync(join(folder, part), { recursive: true })) {
    if (!/\.m?js$/.test(name)) continue
    const file = join(folder, part, name)
    writeFileSync(file, change(readFileSync(file, 'utf8'), join(ROOT, part, name)))
  }
}

function keepAddress(text, source) {
  const address = pathToFileURL(source.replace(/\.js$/, '.ts')).href
  return text.replaceAll('import.meta.url', () => JSON.stringify(address))
}

/** @returns what leads the imports of a text to the bundles */
function bundlePackages(folder) {
  const outdir = join(folder, 'bundled')
  const names = new Map(BUNDLED.map((name) => [name, name.replace('/', '-')]))
  buildSync({
    entryPoints: Object.fromEntries([...names].map(([name, file]) => [file, name])),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir,
    absWorkingDir: ROOT,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  })
  const bundleOf = (name) => pathToFileURL(join(outdir, `${names.get(name)}.mjs`)).href
  return (text) =>
    text.replace(/(?<=\bfrom ')typebox[\w/]*(?=')/g, (name) =>
      names.has(name) ? bundleOf(name) : name,
    )
}
