// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseUrl } from '../../src/config/database-url.ts'

test('a SQLite file keeps its path as given; a whole URL of a file is decoded', () => {
  for (const [url, path] of [
    ['file:./data/latchkey.db', './data/latchkey.db'],
    ['file:/srv/a b.db', '/srv/a b.db'],
    ['file:///srv/a%20b.db', '/srv/a b.db'],
  ] as const) {
    if (process.platform === 'win32' && url.startsWith('file:///')) continue
    assert.deepEqual(databaseUrl(url), { kind: 'sqlite', path })
  }
})

test('each part of the address of MySQL is read, with its default', () => {
  const plain = {
    ...{ kind: 'mysql', host: 'db', port: 3306, user: 'app', password: '', database: 'accounts' },
    ...{ tls: undefined, allowPublicKeyRetrieval: false },
  }

  assert.deepEqual(databaseUrl('mysql://app@db/accounts'), plain)
  assert.deepEqual(databaseUrl('mysql://app@db/accounts?ssl=false'), plain)
  assert.deepEqual(databaseUrl('mysql://us%40er:p%2Fw@[::1]:3307/a%20b?tls=on'), {
    ...{ ...plain, host: '::1', port: 3307, user: 'us@er', password: 'p/w', database: 'a b' },
    tls: 'on',
  })
  assert.deepEqual(databaseUrl('mysql://app@db/accounts?tls=off&allowPublicKeyRetrieval=true'), {
    ...{ ...plain, tls: 'off', allowPublicKeyRetrieval: true },
  })
})
