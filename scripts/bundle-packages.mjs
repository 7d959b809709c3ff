import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Hundreds of files each: bundled, they load a quarter of a second faster. */
const BUNDLED = ['typebox', 'typebox/compile', 'typebox/schema']
const IMPORT = /(?<=\bfrom ['"])typebox[\w/]*(?=['"])/g

/**
 * Bundles packages of many files beside compiled code, and redirects imports to them.
 * @param folder compiled code; gets `bundled/` @param parts folders in it to redirect; '' is itself
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
  for (const part of parts) {
    redirectImports(join(folder, part), outdir, IMPORT, (from) =>
      BUNDLED.includes(from) ? `${fileOf(from)}.mjs` : undefined,
    )
  }
}

/**
 * Redirects imports of packages to a folder beside compiled code. @param pattern finds the package
 * @param fileFor the file in `outdir` for a package; undefined leaves the import alone
 */
export function redirectImports(folder, outdir, pattern, fileFor) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js')) continue
    const file = join(folder, name)
    const path = relative(dirname(file), outdir).replaceAll('\\', '/')
    const prefix = path.startsWith('.') ? path : `./${path}`
    const text = readFileSync(file, 'utf8')
    const changed = text.replace(pattern, (from) => {
      const target = fileFor(from)
      return target ? `${prefix}/${target}` : from
    })
    if (changed !== text) writeFileSync(file, changed)
  }
}

function fileOf(name) {
  return name.replace('/', '-')
}
