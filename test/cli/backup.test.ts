// `latchkey backup` while a server runs: what the copy has, who may read it, and where it stops.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isMysql, openAt, queryMysql, scratchDirectory } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { freshDatabase } from '../support/helper.ts'
import { latchkey, staffed } from '../support/operator.ts'
import { skipWithout } from '../support/walkthrough.ts'

const COPY = isMysql ? 'latchkey.sql' : 'latchkey.db'
const skip = skipWithout(isMysql ? ['tar', 'mariadb-dump', 'mariadb'] : ['tar'], 'latchkey backup')

test('backup copies accounts and photos, for their owner alone, and overwrites nothing', {
  skip,
}, async (t) => {
  const { server, run, json, folder } = await staffed(t)
  const { username } = await signedUp(server)
  mkdirSync(join(server.uploads, 'ab'), { recursive: true })
  writeFileSync(join(server.uploads, 'ab/photo.webp'), 'a photo')

  const { files } = await json<{ files: { path: string; bytes: number }[] }>(`backup ${folder}`)
  const again = await run(`backup ${folder}`)

  const paths = [COPY, 'uploads.tar.gz'].map((name) => join(folder, name))
  assert.deepEqual(
    files,
    paths.map((path) => ({ path, bytes: statSync(path).size })),
  )
  assert.deepEqual(readdirSync(folder).sort(), [COPY, 'uploads.tar.gz'])
  assert.deepEqual(
    [folder, ...paths].map((path) => (statSync(path).mode & 0o777).toString(8)),
    ['700', '600', '600'],
  )
  assert.equal(again.code, 1)
  assert.match(again.err, /latchkey\.(db|sql) exists; name another folder\.\n$/)
  const there = scratchDirectory(t)
  execFileSync('tar', ['-xzf', join(folder, 'uploads.tar.gz'), '-C', there])
  assert.equal(readFileSync(join(there, 'uploads/ab/photo.webp'), 'utf8'), 'a photo')
  const restored = await openAt(
    isMysql ? await restoredSql(await freshDatabase(t), folder) : `file:${join(folder, COPY)}`,
  )
  t.after(() => restored.close())
  assert.deepEqual(await restored.client.user.findMany({ select: { username: true } }), [
    { username },
  ])
})

async function restoredSql(url: string, folder: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const database = pathname.slice(1)
  await queryMysql(url, `DROP DATABASE \`${database}\`; CREATE DATABASE \`${database}\``)
  const args = ['--no-defaults', '-h', hostname, '-P', port || '3306', '-u', username, database]
  execFileSync('mariadb', args, {
    input: readFileSync(join(folder, COPY)),
    env: { ...process.env, MYSQL_PWD: decodeURIComponent(password) },
  })
  return url
}

for (const [what, script, says] of [
  ['stops', 'echo "tar: the disk is full" >&2; exit 2', 'tar ended with 2: tar: the disk is full'],
  [
    'misses a file',
    'echo "tar: a: Cannot open" >&2; exit 1',
    'tar ended with 1: tar: a: Cannot open',
  ],
  ['is not installed', undefined, 'tar is not installed here; it archives the uploads.'],
] as const) {
  test(`a backup whose tar ${what} says so, and leaves nothing behind`, { skip }, async (t) => {
    const { settings, folder } = await staffed(t)
    const env = { ...settings, PATH: toolsWith(t, script) }

    const { code, out, err } = await latchkey(['backup', folder], { env })

    assert.deepEqual([code, out], [1, ''])
    assert.ok(err.endsWith(`\n${says}\n`), err)
    assert.equal(existsSync(folder), false)
  })
}

test('a backup succeeds when photos are deleted meanwhile', { skip }, async (t) => {
  const { settings, folder } = await staffed(t)
  const said = 'tar: uploads/a: File removed before we read it'
  const env = { ...settings, PATH: toolsWith(t, `echo "${said}" >&2; exit 1`) }

  const { code } = await latchkey(['backup', folder], { env })

  assert.equal(code, 0)
})

/** A PATH with the programs of a backup, where `tar` is this script, or missing. */
function toolsWith(t: TestContext, script: string | undefined): string {
  const bin = scratchDirectory(t)
  const path = execFileSync('sh', ['-c', 'command -v mariadb-dump || true'], { encoding: 'utf8' })
  if (path !== '') symlinkSync(path.trim(), join(bin, 'mariadb-dump'))
  if (script !== undefined)
    writeFileSync(join(bin, 'tar'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return bin
}

test('a backup of a SQLite file that does not exist makes none', {
  skip: isMysql ? 'runs on SQLite' : false,
}, async (t) => {
  const { settings, folder } = await staffed(t)
  const path = join(scratchDirectory(t), 'none.db')
  const env = { ...settings, DATABASE_URL: `file:${path}` }

  const { code, err } = await latchkey(['backup', folder], { env })

  assert.equal(code, 1)
  assert.match(err, /there is not yet a database at /)
  assert.deepEqual([existsSync(path), existsSync(folder)], [false, false])
})

test('a backup into a file, or below one, says that it is a file', { skip }, async (t) => {
  const { run } = await staffed(t)
  const file = join(scratchDirectory(t), 'file')
  writeFileSync(file, 'kept')

  for (const folder of [file, join(file, 'below')]) {
    const { code, err } = await run(`backup ${folder}`)

    assert.equal(code, 1)
    assert.ok(err.endsWith(`\n${file} is a file; name a folder.\n`), err)
  }
  assert.equal(readFileSync(file, 'utf8'), 'kept')
})

test('a backup of MySQL keeps the password out of the arguments, and needs a whole dump', {
  skip: isMysql ? false : 'runs on MySQL',
}, async (t) => {
  const { settings, folder } = await staffed(t)
  const bin = scratchDirectory(t)
  const said = join(bin, 'said')
  writeFileSync(
    join(bin, 'mysqldump'),
    `#!/bin/sh\n[ "$1" = --version ] && echo 'mysqldump  Ver 8.4.0 for Linux' && exit\necho "$MYSQL_PWD" "$@" > '${said}'\necho half\n`,
  )
  chmodSync(join(bin, 'mysqldump'), 0o755)
  const url = 'mysql://latchkey:kept-to-ourselves@127.0.0.1:1/accounts?allowPublicKeyRetrieval=true'
  const env = { ...settings, DATABASE_URL: url, PATH: bin }

  const half = await latchkey(['backup', folder], { env })
  const none = await latchkey(['backup', folder], { env: { ...env, PATH: join(bin, 'none') } })

  assert.deepEqual([half.code, none.code], [1, 1])
  assert.match(half.err, /\nmysqldump ended with 0: \n$/)
  assert.equal(
    readFileSync(said, 'utf8').trim(),
    'kept-to-ourselves --no-defaults --protocol=tcp --host=127.0.0.1 --port=1 --user=latchkey --ssl-mode=DISABLED --get-server-public-key --set-gtid-purged=OFF --single-transaction --quick --hex-blob --no-tablespaces --skip-lock-tables --default-character-set=utf8mb4 accounts',
  )
  assert.match(none.err, /\nNeither mariadb-dump nor mysqldump is installed here\. Run this /)
  assert.match(none.err, /\n {2}mysqldump .* --password .* accounts > latchkey\.sql\n$/)
  assert.equal(existsSync(folder), false)
})
