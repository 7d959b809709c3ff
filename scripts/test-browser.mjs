// npm run test:browser [-- words in paths]: what needs a real Chromium, one program after the other.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'

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
await ensureBuilt()
const failed = chosen.filter((name) => !passes(name))
if (failed.length > 0) {
  console.error(`✖ failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

/** Runs all of them, so that one run tells everything. */
function passes(name) {
  console.log(`\n== ${name}`)
  const startedAt = performance.now()
  const args = ['--import', 'tsx', `test/browser/${name}.ts`]
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  console.log(
    `${status === 0 ? '✔' : '✖'} ${name} (${Math.round((performance.now() - startedAt) / 1000)} s)`,
  )
  return status === 0
}
