// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { unreachable } from '../../src/platform/database/mysql/migrate.ts'
import { openLatchkey } from '../../src/server.ts'
import { scratchDirectory } from '../support/databases.ts'
import { launch } from '../support/process.ts'

test('a data folder that cannot be written stops the start by its setting, with the reason and the fix', async (t) => {
  // A file where the folder should be: no right helps, so that it fails for root, too.
  const blocked = join(scratchDirectory(t), 'data')
  writeFileSync(blocked, '')
  const config = loadConfig({ DATABASE_URL: `file:${blocked}/latchkey.db`, LOG_LEVEL: 'silent' })

  const start = openLatchkey({ config, masterSecrets: [randomBytes(48)] })

  await assert.rejects(start, {
    message: new RegExp(
      `^DATABASE_URL: the file ${blocked}/latchkey.db cannot be written \\((ENOTDIR|EEXIST)\\); let the user`,
    ),
  })
})

test('argon2 without a binary for the machine stops the start with the fix', async (t) => {
  const directory = scratchDirectory(t)
  // Where the package looks for its binary in place of its own folder.
  const env = { ARGON2_PREBUILD: directory, PREBUILDS_ONLY: '1' }
  const start = launch({ url: `file:${directory}/latchkey.db`, env })

  await assert.rejects(start, ({ message }: Error) => {
    assert.match(message, /ended with 1 before it listened/)
    assert.match(
      message,
      /Latchkey cannot start\. .*argon2 has no binary.*; run "npm rebuild argon2"/,
    )
    return true
  })
})

test('a database that cannot be reached stops the start by its setting, with the reason and the fix', async () => {
  const config = loadConfig({
    DATABASE_URL: 'mysql://root@127.0.0.1:9/latchkey',
    LOG_LEVEL: 'silent',
  })

  const start = openLatchkey({ config, masterSecrets: [randomBytes(48)] })

  await assert.rejects(start, {
    message:
      'DATABASE_URL: the database cannot be reached: connect ECONNREFUSED 127.0.0.1:9; look whether it runs, and at its address, the user and the password',
  })
})

test('an unknown certificate authority is reported with the fix, which is never to skip the check', () => {
  for (const text of [
    '(conn:-1, no: 45033, SQLState: 08S01) Self signed certificates. Either set `ssl: { rejectUnauthorized: false }` (trust mode) or provide server certificate to client',
    'self-signed certificate in certificate chain',
    'unable to verify the first certificate',
  ]) {
    const { message } = unreachable(new Error(text))

    assert.match(message, /^DATABASE_URL: .*; start with NODE_EXTRA_CA_CERTS=ca.pem/)
    assert.doesNotMatch(message, /rejectUnauthorized/)
  }
})
