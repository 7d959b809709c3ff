import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Hundreds of files each: in one they load in a quarter of a second less. */
const BUNDLED = ['typebox', 'typebox/compile', 'typebox/schema']
const IMPORT = /(?<=\bfrom ['"])typebox[\w/]*(?=['"])/g

/**
 * Puts packages of very many files into a few, beside compiled code, and leads its imports there.
 * @param folder what was compiled; gets `bundled/`
 * @param parts folders in it whose imports are led there; '' is the folder itself
 */
export function bundlePackages(folder, parts) {
  const outdir = join(folder, 'bundled')
  buildSync({
    entryPoints: Object.fromEntries(BUNDLED.map((name) => [fileOf(name), name])),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    logLevel: 'warning',
  })
  for (const part of parts) leadThere(join(folder, part), outdir)
}

function leadThere(folder, outdir) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js')) continue
    const file = join(folder, name)
    const there = relative(dirname(file), outdir).replaceAll('\\', '/')
    const path = there.startsWith('.') ? there : `./${there}`
    const text = readFileSync(file, 'utf8')
    const changed = text.replace(IMPORT, (from) =>
      BUNDLED.includes(from) ? `${path}/${fileOf(from)}.mjs` : from,
    )
    if (changed !== text) writeFileSync(file, changed)
  }
}

function fileOf(name) {
  return name.replace('/', '-')
}
