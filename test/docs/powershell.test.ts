// runs once
// Runs docs/powershell.md block by block, in one PowerShell, against a started server.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { pageFor, skipWithout, startPlace, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/powershell.md'

test('The PowerShell page prints what it says', {
  skip: skipWithout(['pwsh'], PAGE),
}, async (t) => {
  const { base, folder } = await startPlace(t)
  const steps = stepsOf(pageFor(base, PAGE), { languages: ['powershell'] })
  const script = join(folder, 'walk.ps1')
  writeFileSync(script, steps.map(({ code }) => code).join('\n'))

  const { stdout } = await promisify(execFile)('pwsh', ['-NoProfile', '-File', script])

  assert.ok(steps.length >= 6)
  assert.deepEqual(
    stdout.trim().split(/\r?\n/),
    steps.flatMap(({ printed }) => printed.trim().split('\n')),
  )
})
