// runs once
// Runs "Daily work" of docs/operating.md: the first day, a forgotten password, a stolen account, a
// request to delete.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../scripts/build.mjs'
import { bearer, signedUp } from '../support/factories.ts'
import { giveApp } from '../support/factors.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { assertPrinted, pageAt, runSteps, skipWithout, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/operating.md'
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

test('daily work: each command of the page does what it says, beside a server that runs', {
  skip: skipWithout(['bash', 'tar'], PAGE),
}, async (t) => {
  await ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-daily-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [url, secret] = [await freshDatabase(t), randomBytes(48).toString('base64url')]
  const server = await startServer(t, { url, masterSecrets: [Buffer.from(secret)] })
  const person = await signedUp(server, { username: 'lyshark' })
  await giveApp(server, person)
  await server.services.audit.written()
  const settings = {
    ...{ DATABASE_URL: url, SECRET: secret, UPLOADS_DIR: server.uploads },
    ...{ ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', LOG_LEVEL: 'error' },
  }
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'\n`)
  const npm = `npm() { shift 3; '${process.execPath}' '${CLI}' "$@"; }\n`
  // Lists in Markdown indent their blocks.
  const page = pageAt(PAGE).replaceAll(/^ {3}/gm, '')
  const steps = stepsOf(page, { heading: 'Daily work' })

  const printed: string[] = []
  // Each command opens a server, and a shell has a minute.
  for (let at = 0; at < steps.length; at += 2) {
    printed.push(...(await runSteps(steps.slice(at, at + 2), folder, exports.join('') + npm)))
  }

  const told = steps.flatMap((step, at) => (step.printed === '' ? [] : [{ step, at }]))
  assertPrinted(
    told.map(({ step }) => step),
    told.map(({ at }) => printed[at] ?? ''),
    PAGE,
  )
  assert.equal(steps.length, 7)
  assert.match(printed[2] ?? '', /^lockedUntil +-$/m)
  assert.match(printed[4] ?? '', / {2}account_disabled {2}/)
  assert.ok(existsSync(join(folder, 'first-backup')))
  await server.services.revocations.poll()
  const verify = await server.inject({ url: '/verify', headers: bearer(person.access_token) })
  assertProblem(verify, 'session_ended')
  const { user } = server.database.client
  assert.equal(await user.count({ where: { username: 'lyshark' } }), 0)
  assert.equal((await user.findFirst({ where: { username: 'olivia' } }))?.role, 'admin')
})
