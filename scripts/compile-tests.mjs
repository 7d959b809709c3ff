// Strips the types from src/ and test/ once for a run of the tests. On the fly, each of about a
// hundred files would need another second of processor time.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import swc from '@swc/wasm-typescript'
import { bundleForTests, warmUp } from './bundle-for-tests.mjs'
import { bundlePackages } from './bundle-packages.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LINKED = ['dist', 'node_modules', 'prisma']
/** Tests find README.md, src/*.ts and the like by the address of their source. */
const AT_HOME = ['bench', 'scripts', 'test']
const PARTS = ['src', 'client/src', ...AT_HOME]
/** At the beginning of a line, so that it is not in a text. */
const IMPORT =
  /^((?:import|export|\}) [^'"\n]*['"]\.[^'"\n]*|[^'"\n]* import\('\.[^'\n]*)\.ts(?=['"])/gm

/**
 * Lines and columns stay, so stacks need no source maps, which take half a second for each file.
 * Does not check types: `npm run check` does.
 * @param folder empty; gets `src/`, `test/` and the rest as JavaScript, under the same paths
 */
export async function compileTests(folder) {
  for (const part of PARTS) compile(part, folder)
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name), 'junction')
  bundlePackages(folder, PARTS)
  await bundleForTests(folder, PARTS)
  warmUp(join(folder, 'src'))
}

function compile(part, folder) {
  for (const name of readdirSync(join(ROOT, part), { recursive: true })) {
    // bench/ may have packages of its own.
    if (!/\.(ts|mjs)$/.test(name) || name.startsWith('node_modules')) continue
    const source = join(ROOT, part, name)
    const target = join(folder, part, name.replace(/\.ts$/, '.js'))
    const text = readFileSync(source, 'utf8')
    const address = pathToFileURL(source).href
    const code = name.endsWith('.ts') ? withoutTypes(text, source) + mapTo(address, text) : text
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(
      target,
      AT_HOME.includes(part) ? code.replaceAll('import.meta.url', `'${address}'`) : code,
    )
  }
}

function withoutTypes(text, filename) {
  try {
    const { code } = swc.transformSync(text, { mode: 'strip-only', filename })
    return code.replace(IMPORT, '$1.js')
  } catch (error) {
    console.error(`${filename} does not compile: ${error.message ?? error.code}`)
    return process.exit(1)
  }
}

/** Line by line, for the coverage report. */
function mapTo(address, text) {
  const mappings = `AAAA${';AACA'.repeat(text.split('\n').length - 1)}`
  const map = { version: 3, sources: [address], names: [], mappings }
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64')
  return `\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`
}
