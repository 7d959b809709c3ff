import { execFileSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { redirectImports } from './bundle-packages.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Packages of nearly every test file, without those that have native parts or data files. */
const BUNDLED = [
  ...['fastify', '@fastify/cookie', '@fastify/jwt'],
  ...['@fastify/multipart', '@fastify/swagger', 'fast-jwt'],
  ...['@prisma/adapter-mariadb', '@prisma/client/runtime/client', '@prisma/driver-adapter-utils'],
  ...['fast-check', 'ioredis', 'ipaddr.js', 'mariadb', 'negotiator'],
  ...['p-limit', 'p-retry', 'prom-client', 'uuid', 'yaml'],
]
/** The server requires them by name, when a schema is first used. */
const EXTERNAL = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler']
const WARM_UP = join(ROOT, 'scripts/warm-up.mjs')
const LOADER = 'load-packages.cjs'
/** A package in an import at the beginning of a line, so that it is not in a text. */
const IMPORT =
  /(?<=^(?:(?:import|export|\})[^'"\n]*['"]|[^'"\n]* import\(['"]))[@\w][\w@./-]*(?=['"])/gm
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/**
 * Bundles packages beside compiled code, and redirects imports to them. Finding and reading them
 * one by one takes half of the start of a test file.
 * @param folder compiled code; gets `packages/` @param parts folders in it with imports to redirect
 */
export async function bundleForTests(folder, parts) {
  const outdir = join(folder, 'packages')
  const loaders = BUNDLED.map((name) => `${JSON.stringify(name)}: () => import('${name}'),`)
  await build({
    // Resolves imports as Node does: the default of a CommonJS package is all of it.
    stdin: {
      contents: `export const load = {\n${loaders.join('\n')}\n}\n`,
      resolveDir: ROOT,
      sourcefile: 'packages.mjs',
    },
    bundle: true,
    external: EXTERNAL,
    format: 'cjs',
    platform: 'node',
    minifyWhitespace: true,
    legalComments: 'none',
    outfile: join(outdir, 'packages.cjs'),
    absWorkingDir: ROOT,
    logLevel: 'warning',
  })
  for (const name of BUNDLED) {
    writeFileSync(join(outdir, fileOf(name)), await facadeOf(name))
  }
  copyFileSync(join(ROOT, 'scripts', LOADER), join(outdir, LOADER))
  for (const part of parts) {
    redirectImports(join(folder, part), outdir, IMPORT, (name) =>
      BUNDLED.includes(name) ? fileOf(name) : undefined,
    )
  }
}

/**
 * Keeps V8's code cache of the bundle after a start, so that no other start need compile it.
 * @param folder the one of server.js
 */
export function warmUp(folder) {
  const env = { ...process.env, KEEP_COMPILED: '1' }
  execFileSync(process.execPath, [WARM_UP, folder], { env })
}

/** A module with the exports of the package. */
async function facadeOf(name) {
  const names = Object.keys(await import(name)).filter((key) => IDENTIFIER.test(key))
  const others = names.filter((key) => key !== 'default')
  return [
    // Required, since an import would search the whole file for exports first.
    `import { createRequire } from 'node:module'`,
    `const { load } = createRequire(import.meta.url)('./${LOADER}')`,
    `const loaded = await load['${name}']()`,
    ...(names.includes('default') ? ['export default loaded.default'] : []),
    ...others.map((key, i) => `const _${i} = loaded.${key}`),
    `export { ${others.map((key, i) => `_${i} as ${key}`).join(', ')} }`,
  ].join('\n')
}

function fileOf(name) {
  return `${name.replaceAll('/', '-')}.mjs`
}
