// What operators do about factors on the command line.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enrolled, FREE, logIn } from '../support/enrolment.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { runCli, SECRET } from '../support/process.ts'

test('operators take the factors of an account away, and seal the seeds of all with a new secret', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env: FREE, masterSecrets: [Buffer.from(SECRET)] })
  const [lost, kept] = [await enrolled(server), await enrolled(server)]
  const next = 'n8Vt3LzXw0pKf7RbQ2mYc5HsJd9GaU4eTi6ZoNx1'

  const removed = await runCli(url, ['remove-second-factor', lost.email])
  const again = await runCli(url, ['remove-second-factor', lost.username])
  const wrong = await runCli(url, ['remove-second-factor'])
  const sealed = await runCli(url, ['reseal'], { SECRET: `${next},${SECRET}` })
  const without = await runCli(url, ['reseal'], { SECRET: next })

  assert.deepEqual(removed, {
    code: 0,
    output: `${lost.email} signs in with the password alone. All its sessions have ended.`,
  })
  assert.deepEqual(again, { code: 1, output: 'The account has no factor.' })
  assert.equal(wrong.code, 2)
  assert.match(
    wrong.output,
    /^error: missing .*\n\nUsage: latchkey remove-second-factor .*<name>$/s,
  )
  assert.deepEqual(sealed, {
    code: 0,
    output:
      'All seeds of apps have the newest secret (1 had another one).\nSo have all days of the audit log (2 had another one).',
  })
  assert.deepEqual(without, {
    code: 0,
    output:
      'All seeds of apps have the newest secret (0 had another one).\nSo have all days of the audit log (0 had another one).',
  })
  assert.equal((await logIn(server, lost.username)).statusCode, 200)
  assert.equal((await logIn(server, kept.username)).json().code, 'second_factor_required')
})
