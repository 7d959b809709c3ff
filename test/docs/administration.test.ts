// Runs the requests of docs/administration.md in one shell, against a started server.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { scratchDirectory } from '../support/databases.ts'
import { freshDatabase } from '../support/helper.ts'
import { ROOT, SETTINGS, startProcess } from '../support/process.ts'
import { assertPrinted, pageFor, runSteps, skipWithout, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/administration.md'

test('The requests of an administrator print what the page says, from an empty shell on', {
  skip: skipWithout(['bash', 'curl'], 'the requests of docs/administration.md'),
}, async (t) => {
  const url = await freshDatabase(t)
  const { base } = await startProcess(t, { url })
  const steps = stepsOf(pageFor(base, PAGE), { heading: 'Five requests' })

  const printed = await runSteps(steps, scratchDirectory(t), commandLineOn(url))

  assert.ok(steps.length >= 4, `found ${steps.length} steps`)
  assertPrinted(steps, printed, PAGE)
})

/** An `npm run --silent cli --` for the shell that works on this database. */
function commandLineOn(url: string): string {
  const settings = Object.entries({ ...SETTINGS, DATABASE_URL: url })
  const env = settings.map(([name, value]) => `${name}='${value}'`).join(' ')
  return `npm() { shift 4; ${env} node '${join(ROOT, 'dist/cli.js')}' "$@"; }\n`
}
