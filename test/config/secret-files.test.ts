// runs once
import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { databaseUrl } from '../../src/config/database-url.ts'
import { developmentSecret } from '../../src/config/development-secret.ts'
import { redisUrl } from '../../src/config/redis-url.ts'
import { settingWarnings } from '../../src/config/warnings.ts'
import { namesOf, refusal, SECRET } from '../support/config.ts'

const mayTestModes = {
  skip: process.platform === 'win32' ? 'NOT TESTED: Windows has no permission bits' : false,
}

test(
  'a secret file that others may write stops production, one that they may read is told',
  mayTestModes,
  async (t) => {
    const path = join(await temporaryFolder(t), 'secret')
    await writeFile(path, `${SECRET}\n`)
    const env = { NODE_ENV: 'production', PUBLIC_URL: 'https://a.example', SECRET_FILE: path }

    for (const mode of [0o660, 0o606, 0o620, 0o602, 0o666]) {
      await chmod(path, mode)
      const name = mode.toString(8)
      assert.deepEqual(
        refusal(env).issues,
        [
          {
            name: 'SECRET_FILE',
            fix: `others may write the file ${path}; run: chmod 600 ${path}`,
          },
        ],
        name,
      )
      assert.doesNotThrow(() => loadConfig({ ...env, NODE_ENV: 'development' }), name)
    }
    for (const mode of [0o640, 0o604, 0o644]) {
      await chmod(path, mode)
      assert.deepEqual(loadConfig(env).secrets, [Buffer.from(SECRET)])
      assert.deepEqual(settingWarnings(env), [
        { name: 'SECRET_FILE', fix: `others may read the file ${path}; run: chmod 600 ${path}` },
      ])
    }
    for (const mode of [0o600, 0o400]) {
      await chmod(path, mode)
      assert.deepEqual(loadConfig(env).secrets, [Buffer.from(SECRET)])
      assert.deepEqual(settingWarnings(env), [])
    }
  },
)

test('secrets come from the files that NAME_FILE names, without the line end', () => {
  const files: Record<string, string> = {
    '/run/secret': `${SECRET}\n`,
    '/run/database': 'mysql://app:k7qz-93hT@db/accounts\r\n',
    '/run/redis': 'redis://cache:6379',
  }

  const config = loadConfig(
    {
      SECRET_FILE: '/run/secret',
      DATABASE_URL_FILE: '/run/database',
      REDIS_URL_FILE: '/run/redis',
    },
    (path) => files[path] ?? '',
  )

  assert.deepEqual(config.secrets, [Buffer.from(SECRET)])
  assert.deepEqual(config.database, databaseUrl('mysql://app:k7qz-93hT@db/accounts'))
  assert.deepEqual(config.redis, redisUrl('redis://cache:6379'))
})

test('a secret file satisfies production, and a bad one is refused by its own name', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'secret')
  const env = { NODE_ENV: 'production', PUBLIC_URL: 'https://a.example', SECRET_FILE: path }

  assert.deepEqual(namesOf(refusal(env).issues), ['SECRET_FILE'])
  await writeFile(path, '')
  assert.deepEqual(namesOf(refusal(env).issues), ['SECRET_FILE'])
  await writeFile(path, 'x'.repeat(70_000))
  assert.deepEqual(namesOf(refusal(env).issues), ['SECRET_FILE'])
  await writeFile(path, `${SECRET}\n`)
  // Whatever the mask of whoever runs the tests.
  await chmod(path, 0o600)
  assert.deepEqual(loadConfig(env).secrets, [Buffer.from(SECRET)])
})

test('a secret given in two ways is contradictory and refused', () => {
  const { issues } = refusal({ SECRET, SECRET_FILE: '/run/secret' }, () => SECRET)

  assert.deepEqual(issues, [
    { name: 'SECRET', fix: 'SECRET and SECRET_FILE are both set; keep one of them' },
  ])
})

test('twenty processes that start at once make one secret that only its owner may read', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'data', 'secret')

  const secrets = await Promise.all(Array.from({ length: 20 }, () => developmentSecret(path)))

  assert.equal(new Set(secrets.map(String)).size, 1)
  assert.equal((await readFile(path, 'utf8')).trim(), String(secrets[0]))
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(join(folder, 'data')), ['secret'])
  assert.deepEqual(await developmentSecret(path), secrets[0])
})

test('a secret file that others may read or that is too short is refused with the fix', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'secret')
  await writeFile(path, 'short', { mode: 0o600 })

  await assert.rejects(developmentSecret(path), /SECRET: .* has fewer than 32 bytes; restore it/)
  await writeFile(path, SECRET)
  for (const mode of [0o644, 0o640, 0o620, 0o604, 0o610]) {
    await chmod(path, mode)
    await assert.rejects(developmentSecret(path), /SECRET: others may read .*; run: chmod 600/)
  }
})

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
