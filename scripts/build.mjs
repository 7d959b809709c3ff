// Builds dist/ if what it is made from has changed. Prints nothing when dist/ is current, so that
// every start can run it.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildAdminPage } from './build-admin-page.mjs'
import { buildClient } from './build-client.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TARGET = join(ROOT, 'dist')
const DRAFT = join(ROOT, 'dist.next')
const STAMP = '.build-stamp'
const CLIENT = join(ROOT, 'client/dist/index.js')
const FOLDERS = ['admin', 'client/src', 'prisma/mysql/migrations', 'src']
const DERIVED = join(ROOT, 'prisma/mysql-without-foreign-keys/schema.prisma')
const SINGLE_FILES = [
  'client/package.json',
  'client/tsconfig.json',
  'package-lock.json',
  'prisma/schema.prisma',
  'scripts/build-admin-page.mjs',
  'scripts/build-client.mjs',
  'scripts/build.mjs',
  'scripts/bundle-packages.mjs',
  'scripts/bundle-program.mjs',
  'scripts/client-module.mjs',
  'scripts/generate.mjs',
  'scripts/without-foreign-keys.mjs',
  'tsconfig.json',
]

/** Ends the process, with the reason, when dist/ cannot be built. */
export async function ensureBuilt() {
  const fingerprint = fingerprintOfSources()
  if (!isCurrent(fingerprint)) await build(fingerprint)
}

/** One hash over names and contents, since times change with a checkout or a copy. */
function fingerprintOfSources() {
  const hash = createHash('sha256')
  for (const name of [...SINGLE_FILES, ...FOLDERS.flatMap(sourceFiles)]) {
    const content = existsSync(join(ROOT, name)) ? readFileSync(join(ROOT, name)) : ''
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** Every hand-written file below a folder, in a stable order. */
function sourceFiles(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .filter((entry) => `${folder}/${entry.name}` !== 'src/generated')
    .flatMap((entry) => {
      const name = `${folder}/${entry.name}`
      return entry.isDirectory() ? sourceFiles(name) : [name]
    })
}

function isCurrent(wanted) {
  const stamp = join(TARGET, STAMP)
  return [stamp, CLIENT, DERIVED].every(existsSync) && readFileSync(stamp, 'utf8') === wanted
}

async function build(stamp) {
  const compiler = findCompiler()
  console.log('Building Latchkey (once, and again only after a change) …')
  const { generate } = await import('./generate.mjs')
  await generate()
  rmSync(DRAFT, { recursive: true, force: true })
  compile(compiler)
  const { bundlePackages } = await import('./bundle-packages.mjs')
  bundlePackages(DRAFT, [''])
  const { bundleProgram } = await import('./bundle-program.mjs')
  bundleProgram(DRAFT)
  // `npx latchkey` runs it by its path.
  chmodSync(join(DRAFT, 'cli.js'), 0o755)
  buildAdminPage(join(DRAFT, 'admin'))
  writeFileSync(join(DRAFT, STAMP), stamp)
  rmSync(TARGET, { recursive: true, force: true })
  renameSync(DRAFT, TARGET)
}

function compile(compiler) {
  const args = [compiler, '--outDir', DRAFT, '--declaration']
  try {
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
    buildClient()
  } catch {
    rmSync(DRAFT, { recursive: true, force: true })
    stop('The build failed; the compiler says why above. What was built before is untouched.')
  }
}

export function findCompiler() {
  const { resolve } = createRequire(import.meta.url)
  try {
    resolve('prisma/package.json')
    // TypeScript itself stays without the development packages, as a peer of Prisma.
    resolve('@types/negotiator/package.json')
    return join(resolve('typescript/package.json'), '..', 'bin', 'tsc')
  } catch {
    return stop(
      'Latchkey has to be built first, and the build tools are not installed: run "npm ci" (without --omit=dev).',
    )
  }
}

function stop(reason) {
  console.error(reason)
  process.exit(1)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await ensureBuilt()
