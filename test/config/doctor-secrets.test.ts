// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runDoctor } from '../../src/doctor/command.ts'
import { PRODUCTION, SECRET } from '../support/config.ts'

test('the doctor says when an older secret may go, and nothing where there is one', () => {
  const origin = 'https://auth.example.org'
  const older = [...SECRET].toReversed().join('')

  const { text, exitCode } = runDoctor(['--origin', origin], {
    ...PRODUCTION,
    SECRET: `${SECRET},${older}`,
  })

  assert.equal(exitCode, 0)
  assert.deepEqual(text.split('\n').slice(1, 4), [
    'note  secrets   SECRET lists 2 secrets. Before an older one goes:',
    '      run: npm run cli -- keys reseal, which seals the seeds of all apps with the first one',
    '      wait: REFRESH_TOKEN_TTL from the last start with the older one in front',
  ])
  assert.ok(!text.includes(SECRET) && !text.includes(older))
  assert.doesNotMatch(runDoctor(['--origin', origin], PRODUCTION).text, /secrets/)
})
