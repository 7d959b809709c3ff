// Runs the backups of docs/operating.md against a running server, restores them, and looks at what
// is back.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isMysql, scratchDirectory } from '../support/databases.ts'
import { PASSWORD } from '../support/factories.ts'
import { freshDatabase, uniqueName } from '../support/helper.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { call, launch, SETTINGS, type ServerProcess, startProcess } from '../support/process.ts'
import { assertPrinted, pageAt, runSteps, skipWithout, stepsOf } from '../support/walkthrough.ts'

const PAGE = 'docs/operating.md'
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const NEW_PASSWORD = 'a quite different sentence'

type Signed = { access_token: string; refresh_token: string }

test('SQLite: a backup of a running server brings back accounts, photos and old passwords', {
  skip: isMysql ? 'runs on SQLite' : skipWithout(['bash', 'sqlite3', 'tar'], `backups of ${PAGE}`),
}, async (t) => {
  const folder = scratchDirectory(t)
  const url = `file:${join(folder, 'data/latchkey.db')}`

  await backUpAndRestore(t, { folder, url, kind: 'SQLite', page: pageAt(PAGE) })
})

test('MySQL: a backup of a running server brings back accounts, photos and old passwords', {
  skip: isMysql
    ? skipWithout(['bash', 'mariadb', 'mariadb-dump', 'tar'], `backups of ${PAGE}`)
    : 'runs on MySQL',
}, async (t) => {
  const folder = scratchDirectory(t)
  const url = await freshDatabase(t)
  const { hostname, port, username, password, pathname } = new URL(url)
  const client = `[client]\nhost=${hostname}\nport=${port}\nuser=${username}\npassword=${password}\n`
  for (const name of ['backup.cnf', 'restore.cnf']) writeFileSync(join(folder, name), client)
  const page = pageAt(PAGE).replaceAll('DATABASE=latchkey', `DATABASE=${pathname.slice(1)}`)

  await backUpAndRestore(t, { folder, url, kind: 'MySQL or MariaDB', page })
})

type Scene = { folder: string; url: string; kind: string; page: string }

async function backUpAndRestore(t: TestContext, { folder, url, kind, page }: Scene) {
  const env = { UPLOADS_DIR: join(folder, 'data/uploads') }
  const settings = { ...SETTINGS, ...env, DATABASE_URL: url }
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'\n`)
  const npm = `npm() { shift 3; '${process.execPath}' '${CLI}' "$@"; }\n`
  const follow = async (heading: string) => {
    const steps = stepsOf(page, { heading })
    assert.ok(steps.length > 0)
    return { steps, printed: await runSteps(steps, folder, exports.join('') + npm) }
  }
  const before = await startProcess(t, { url, env })
  const alice = await register(before, 'alice')
  const photo = await addPhoto(before, alice)

  const backup = await follow(`Back up ${kind}`)
  await register(before, 'bob')
  await call(before, 'PUT', '/password', {
    token: alice.access_token,
    body: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
  })
  await before.stop('SIGTERM')
  await follow(`Restore ${kind}`)
  await follow('After a restore')
  const after = await launch({ url, env })
  t.after(() => after.stop('SIGKILL'))

  assertPrinted(backup.steps, backup.printed)
  const signedIn = await login(after, 'alice', PASSWORD)
  const { access_token: token } = signedIn.body as Signed
  const read = await fetch(`${after.base}${photo}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const statuses = {
    oldPassword: signedIn.status,
    newPassword: (await login(after, 'alice', NEW_PASSWORD)).status,
    laterAccount: (await login(after, 'bob', PASSWORD)).status,
    photo: read.status,
    oldSession: (
      await call(after, 'POST', '/refresh', { body: { refresh_token: alice.refresh_token } })
    ).status,
  }
  // It writes mails into the folder, which the next hook removes.
  await after.stop('SIGTERM')
  assert.deepEqual(statuses, {
    ...{ oldPassword: 200, newPassword: 401, laterAccount: 401, photo: 200, oldSession: 401 },
  })
}

async function register(server: ServerProcess, username: string): Promise<Signed> {
  const body = { username, email: `${username}@example.com`, password: PASSWORD }
  const answer = await call(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201)
  return answer.body as Signed
}

function login(server: ServerProcess, username: string, password: string) {
  return call(server, 'POST', '/login', { body: { username, password } })
}

/** @returns the path of the photo */
async function addPhoto(server: ServerProcess, { access_token: token }: Signed): Promise<string> {
  const house = { projectNo: uniqueName('P'), projectName: 'Sea View' }
  const made = await call(server, 'POST', '/houses', { token, body: house })
  const { id } = made.body as { id: string }
  const { payload, headers } = formWith(await aPicture())
  const answer = await fetch(`${server.base}/houses/${id}/photos`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: new Uint8Array(payload),
  })
  assert.equal(answer.status, 201)
  return new URL(((await answer.json()) as { url: string }).url, server.base).pathname
}
