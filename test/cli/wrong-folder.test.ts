// A command beside no server: it makes no database and no secret. One that is locked.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Libsql from 'libsql'
import { isMysql, scratchDirectory } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { latchkey, staffed } from '../support/operator.ts'

const skip = isMysql ? 'runs on SQLite' : false
const SECRET_PATH = './data/secret'

test('in another folder a command says where to run it, and makes nothing', { skip }, async (t) => {
  const { settings } = await staffed(t)
  const folder = scratchDirectory(t)
  const path = join(folder, 'data/latchkey.db')
  const env = { ...settings, DATABASE_URL: `file:${path}`, UPLOADS_DIR: join(folder, 'uploads') }

  for (const line of ['user list', 'audit verify', 'keys list', 'mail outbox', 'user unlock x']) {
    const { code, out, err } = await latchkey(line.split(' '), { env })

    const says = `DATABASE_URL: there is not yet a database at ${path}. Run it in the folder of the server, or set DATABASE_URL.`
    assert.deepEqual([code, out], [1, ''], line)
    assert.equal(err, `Database: SQLite file ${path}\n${says}\n`)
  }
  assert.deepEqual(readdirSync(folder), [])
})

test('a database without its secret is opened with no new one', {
  skip: skip || (existsSync(SECRET_PATH) && `${SECRET_PATH} is here`),
}, async (t) => {
  const { run } = await staffed(t)

  const { code, err } = await run('keys list', { env: { SECRET: undefined } })

  assert.equal(code, 1)
  assert.match(
    err,
    /\nSECRET: it is not set, and there is no file \.\/data\/secret here\. Run it in /,
  )
  assert.equal(existsSync(SECRET_PATH), false)
})

test('a locked database says that another process holds it', { skip }, async (t) => {
  const { server, url, run } = await staffed(t)
  const { username } = await signedUp(server)
  const other = new Libsql(url.slice('file:'.length))
  t.after(() => other.close())
  other.exec('BEGIN IMMEDIATE')

  const { code, out, err } = await run(`user disable ${username}`)
  other.exec('ROLLBACK')

  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /\nThe database is locked: another process holds it\. Try again; /)
})
