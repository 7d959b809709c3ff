// npm run test:browser [-- words in paths]: what needs a real Chromium, one program after the other.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { compileTests } from './compile-tests.mjs'
import { generate } from './generate.mjs'
import { programOf } from './share-processes.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PROGRAMS = [
  'cookie-transport',
  'passkeys',
  'providers',
  'provider-scripts',
  'admin',
  'admin-accounts',
  'admin-wrong-account',
  'spa/main',
  'spa/resources',
  'spa/account',
  'spa/looks',
]

const words = process.argv.slice(2)
const chosen = PROGRAMS.filter(
  (name) => words.length === 0 || words.some((word) => name.includes(word)),
)
const scratch = mkdtempSync(join(tmpdir(), 'latchkey-browser-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
await generate()
await ensureBuilt()
await compileTests(scratch)
const failed = chosen.filter((name) => !passes(name))
if (failed.length > 0) {
  console.error(`✖ failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

/** Runs all of them, so that one run tells everything. */
function passes(name) {
  console.log(`\n== ${name}`)
  const startedAt = performance.now()
  const program = join(scratch, 'program.mjs')
  writeFileSync(program, programOf([join(scratch, 'test/browser', `${name}.js`)]))
  const { status } = spawnSync(process.execPath, [program], { cwd: ROOT, stdio: 'inherit' })
  console.log(
    `${status === 0 ? '✔' : '✖'} ${name} (${Math.round((performance.now() - startedAt) / 1000)} s)`,
  )
  return status === 0
}
