import { execFileSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What nearly every test file loads, from hundreds of files. Those with a native part or files of their own stay. */
const BUNDLED = [
  ...['fastify', '@fastify/cookie', '@fastify/jwt'],
  ...['@fastify/multipart', '@fastify/swagger', 'fast-jwt'],
  ...['@prisma/adapter-mariadb', '@prisma/client/runtime/client', '@prisma/driver-adapter-utils'],
  ...['@zxcvbn-ts/language-common', 'fast-check', 'ioredis', 'ipaddr.js', 'mariadb', 'negotiator'],
  ...['p-limit', 'p-retry', 'prom-client', 'rate-limiter-flexible', 'uuid', 'yaml'],
]
/** The tests put others in their place: see test/shared-schemas.ts. */
const REPLACED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler']
const LOADER = 'load-packages.cjs'
/** At the beginning of a line, so that it is none in a text. */
const IMPORT =
  /^((?:import|export|\})[^'"\n]*['"]|[^'"\n]*\bawait import\(['"])([@\w][\w@./-]*)(?=['"])/gm
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/**
 * Puts the packages that the tests load into one file, beside compiled code, and leads its imports there. To
 * find and read them one by one is half of what a test file needs to start.
 * @param folder what was compiled; gets `packages/`
 * @param parts folders in it whose imports are led there
 */
export async function bundleForTests(folder, parts) {
  const outdir = join(folder, 'packages')
  const loaders = BUNDLED.map((name) => `${JSON.stringify(name)}: () => import('${name}'),`)
  await build({
    // The ending makes the imports those of Node: the default of a CommonJS package is all of it.
    stdin: {
      contents: `export const load = {\n${loaders.join('\n')}\n}\n`,
      resolveDir: ROOT,
      sourcefile: 'packages.mjs',
    },
    bundle: true,
    external: REPLACED,
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
  for (const part of parts) leadThere(join(folder, part), outdir)
}

/**
 * Keeps what V8 has made of the bundle, once it was used as the tests use it, so that they need not compile it.
 * @param program of the tests' folder, which loads what most of them load
 */
export function warmUp(program) {
  execFileSync(process.execPath, [program], { env: { ...process.env, KEEP_COMPILED: '1' } })
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

function leadThere(folder, outdir) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js')) continue
    const file = join(folder, name)
    const there = relative(dirname(file), outdir).replaceAll('\\', '/')
    const text = readFileSync(file, 'utf8')
    const changed = text.replace(IMPORT, (all, before, from) =>
      BUNDLED.includes(from) ? `${before}${there}/${fileOf(from)}` : all,
    )
    if (changed !== text) writeFileSync(file, changed)
  }
}

function fileOf(name) {
  return `${name.replaceAll('/', '-')}.mjs`
}
