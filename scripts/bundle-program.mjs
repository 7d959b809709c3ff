import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'

/** What is started by its path, or imported as `latchkey/testing`. */
const PROGRAMS = ['main.js', 'cli.js', 'platform/images/decoder-process.js', 'testing/index.js']
/** The types of what is imported; they stand alone. */
const TYPES = ['testing/index.d.ts', 'testing/types.d.ts']

/**
 * Puts the hundreds of files of a compiled program into a few: to find and link each of them takes
 * a sixth of the start. Packages stay where they are. Function names stay, for stack traces.
 * @param folder compiled code; what takes its place has the programs at the same paths
 */
export function bundleProgram(folder) {
  keepPlaces(folder)
  const bundled = `${folder}.bundled`
  buildSync({
    entryPoints: PROGRAMS.map((name) => join(folder, name)),
    outbase: folder,
    outdir: bundled,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // Beside the programs, so that `import.meta.url` means the same everywhere.
    chunkNames: '[name]-[hash]',
    logLevel: 'warning',
  })
  for (const name of TYPES) copyTypes(join(folder, name), join(bundled, name))
  rmSync(folder, { recursive: true })
  renameSync(bundled, folder)
}

/** A file that looks for something beside itself still looks there once it is part of another. */
function keepPlaces(folder) {
  for (const path of readdirSync(folder, { recursive: true })) {
    const name = path.replaceAll('\\', '/')
    if (!name.endsWith('.js') || PROGRAMS.includes(name) || name.startsWith('generated/')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    const place = `new URL(${JSON.stringify(`./${name}`)}, import.meta.url).href`
    const changed = text.replaceAll('import.meta.url', place)
    if (changed !== text) writeFileSync(join(folder, name), changed)
  }
}

/** Applications compile with settings of their own, which may know no imports of `.ts`. */
function copyTypes(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, readFileSync(from, 'utf8').replaceAll(/(?<= from '\.[^']*)\.ts(?=')/g, '.js'))
}
