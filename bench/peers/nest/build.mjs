// Generates the Prisma client and compiles everything with swc, into bench/node_modules/.peers/nest:
// the packages of bench/ are found from there, and git sees none of it.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformFileSync } from '@swc/core'

const own = dirname(fileURLToPath(import.meta.url))
const build = join(own, '../../node_modules/.peers/nest')

rmSync(build, { recursive: true, force: true })
for (const part of ['src', 'prisma', '.swcrc']) {
  cpSync(join(own, part), join(build, part), { recursive: true })
}
generate()
for (const name of readdirSync(join(build, 'src'), { recursive: true })) {
  if (name.endsWith('.mts')) compile(name)
}

function generate() {
  const require = createRequire(import.meta.url)
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  const schema = join(build, 'prisma/schema.prisma')
  // Generating runs no schema engine, but looks for one and would download it.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  execFileSync(process.execPath, [cli, 'generate', '--no-hints', '--schema', schema], {
    cwd: build,
    env: { ...env, CHECKPOINT_DISABLE: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function compile(name) {
  const options = { configFile: join(build, '.swcrc'), sourceMaps: false }
  const { code } = transformFileSync(join(build, 'src', name), options)
  const target = join(build, 'dist', name.replace(/\.mts$/, '.mjs'))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, code)
}
