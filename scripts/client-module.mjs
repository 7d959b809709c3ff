// Makes src/generated/client-module.ts: the minified client, which the server serves at /client.js,
// and its other entries: for passkeys at /client/passkeys.js, for providers at /client/providers.js.
// As a module it exists in every way to start: built, from the sources, and in tests.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = join(ROOT, 'client/src')
const TARGET = join(ROOT, 'src/generated/client-module.ts')

/** @returns whether the module was not current */
export async function generateClientModule() {
  const head = `// Made from client/src by scripts/client-module.mjs (${fingerprint()}).\n`
  if (existsSync(TARGET) && readFileSync(TARGET, 'utf8').startsWith(head)) return false
  const modules = {
    CLIENT_MODULE: 'served.ts',
    PASSKEYS_MODULE: 'passkeys.ts',
    PROVIDERS_MODULE: 'providers.ts',
  }
  const lines = Object.entries(modules).map(async ([name, entry]) => {
    const { code } = await bundleClient(entry)
    return `export const ${name} = ${JSON.stringify(code)}\n`
  })
  mkdirSync(dirname(TARGET), { recursive: true })
  writeFileSync(TARGET, head + (await Promise.all(lines)).join(''))
  return true
}

/**
 * The minified client, as an application would ship it.
 * @param entry a file of client/src @param options more options of esbuild
 */
export async function bundleClient(entry, options = {}) {
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(SOURCES, entry)],
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    format: 'esm',
    ...options,
  })
  return { code: outputFiles[0]?.text ?? '', metafile }
}

function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
  const names = readdirSync(SOURCES, { recursive: true }).filter((name) => name.endsWith('.ts'))
  for (const name of names.sort()) hash.update(name).update(readFileSync(join(SOURCES, name)))
  hash.update(readFileSync(join(ROOT, 'client/package.json')))
  return hash.digest('hex')
}
