// runs once
// Runs docs/incident.md section by section: each command of it does what it says on a server that
// has people.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../scripts/build.mjs'
import { bearer, refresh, signedUp } from '../support/factories.ts'
import { giveApp, login, signedInByApp, type WithApp } from '../support/factors.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { assertPrinted, pageAt, runSteps, skipWithout, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/incident.md'
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const skip = skipWithout(['bash'], PAGE)

/** Lists in Markdown indent their blocks. */
const page = pageAt(PAGE).replaceAll(/^ {3}/gm, '')
const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title)

/**
 * A server with these people, each with an app, and a shell with its settings in which the section
 * is run.
 * @returns also the secret that the shell ends with
 */
async function act(t: TestContext, heading: string, names: string[]) {
  await ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-incident-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [url, secret] = [await freshDatabase(t), randomBytes(48)]
  const text = secret.toString('base64url')
  const server = await startServer(t, { url, masterSecrets: [Buffer.from(text)] })
  const people: WithApp[] = []
  for (const username of names)
    people.push(await giveApp(server, await signedUp(server, { username })))
  const settings = { DATABASE_URL: url, SECRET: text, ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' }
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'\n`)
  const steps = stepsOf(page, { heading })

  const npm = `npm() { shift 3; '${process.execPath}' '${CLI}' "$@"; }\n`
  const keepSecret = `trap 'printf %s "$SECRET" > data/last-secret' EXIT\nmkdir -p data\n`
  assertPrinted(steps, await runSteps(steps, folder, exports.join('') + npm + keepSecret))

  assert.deepEqual(readdirSync(folder), ['data'])
  const lastSecret = readFileSync(join(folder, 'data/last-secret'))
  // The servers would have read it by themselves within two seconds.
  await server.services.keys.refresh().catch(() => undefined)
  await server.services.revocations.poll()
  const verify = (index: number) =>
    server.inject({ url: '/verify', headers: bearer(people[index]?.access_token) })
  return { server, url, lastSecret, people, verify }
}

test('incident: a leaked secret: no older key and session is left, the old secret opens nothing, and the new one alone every app', {
  skip,
}, async (t) => {
  const heading = 'The master secret has leaked'
  const { server, url, lastSecret, people } = await act(t, heading, ['alice', 'bob'])

  assert.equal(await server.database.client.session.count(), 0)
  const alone = await startServer(t, { url, clock: server.clock, masterSecrets: [lastSecret] })
  for (const person of people) await signedInByApp(alone, person)
  assert.equal(people.length, 2)
  await assert.rejects(startServer(t, { url, masterSecrets: [randomBytes(48)] }), /SECRET/)
  await assert.rejects(server.services.keys.refresh(), /SECRET/)
})

test('incident: a leaked database that was written to', { skip }, async (t) => {
  const { server, people, verify } = await act(t, 'The database has leaked', ['mallory', 'alice'])

  assert.equal((await login(server, { username: 'alice' })).statusCode, 200)
  for (const index of [0, 1]) assertProblem(await verify(index), 'session_ended')
  for (const { refresh_token } of people)
    assertProblem(await refresh(server, refresh_token), 'session_ended')
})

test('incident: a restored backup', { skip }, async (t) => {
  const heading = 'A backup was restored'
  const { server, people, verify } = await act(t, heading, ['mallory'])

  assertProblem(await verify(0), 'session_ended')
  assertProblem(await refresh(server, people[0]?.refresh_token), 'session_ended')
})

test("incident: an operator's stolen laptop", { skip }, async (t) => {
  const names = ['olivia', 'alice']
  const { server, people, verify } = await act(t, "An operator's laptop was stolen", names)

  assert.equal((await verify(0)).statusCode, 401)
  assertProblem(await refresh(server, people[0]?.refresh_token), 'session_ended')
  assertProblem(await verify(1), 'token_expired')
  assert.equal((await refresh(server, people[1]?.refresh_token)).statusCode, 200)
})

test('incident: one account alone', { skip }, async (t) => {
  const heading = "One account is in somebody else's hands"
  const { server, verify } = await act(t, heading, ['lyshark', 'alice'])

  assert.equal((await login(server, { username: 'lyshark' })).statusCode, 200)
  assert.equal((await login(server, { username: 'alice' })).statusCode, 401)
  assertProblem(await verify(0), 'session_ended')
  assert.equal((await verify(1)).statusCode, 200)
})

test('incident: every section with commands is run here', () => {
  const withCommands = headings.filter((heading) => stepsOf(page, { heading }).length > 0)

  assert.equal(withCommands.length, 5)
})
