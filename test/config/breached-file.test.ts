// runs once
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runDoctor } from '../../src/doctor/command.ts'
import { refusal } from '../support/config.ts'
import { scratchDirectory } from '../support/databases.ts'

test('the doctor says of a file of breached passwords what the start says', (t) => {
  const path = join(scratchDirectory(t), 'hashes.txt')
  const env = { BREACHED_PASSWORDS: path }
  const lines = () =>
    runDoctor(['--origin', 'http://localhost:5173'], env).text.split('\n').slice(0, 2)

  const missing = lines()
  const [start] = refusal(env).issues
  writeFileSync(path, 'password:3\n')
  const wrong = lines()
  writeFileSync(path, `${'0A'.repeat(20)}:3\n`)

  const fix = `      change: BREACHED_PASSWORDS: the file ${path}`
  const shape = 'lines of HASH:count, SHA-1 in upper-case hex, in the order of the hashes'
  assert.ok(missing[1]?.endsWith(String(start?.fix)))
  assert.equal(missing[1], `${fix} cannot be read (ENOENT); check the path and its permissions`)
  assert.equal(wrong[1], `${fix} must have ${shape}`)
  assert.match(lines()[0] ?? '', /^ok {4}settings/)
})
