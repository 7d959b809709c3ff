// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redisAddress } from '../../src/config/redis-url.ts'

test('each part of the address of Redis is read, with its default', () => {
  const defaults = { username: '', password: '', tls: undefined }

  assert.deepEqual(redisAddress('rediss://us%40er:p%3Aw:x@[::1]:6380/12'), {
    kind: 'server',
    nodes: [{ host: '::1', port: 6380 }],
    ...{ username: 'us@er', password: 'p:w:x', tls: 'on', db: 12 },
  })
  assert.deepEqual(redisAddress('redis://cache'), {
    kind: 'server',
    nodes: [{ host: 'cache', port: 6379 }],
    ...{ ...defaults, db: 0 },
  })
  assert.deepEqual(redisAddress('redis+cluster://a,b:7001/?tls=off'), {
    ...{ ...defaults, kind: 'cluster', tls: 'off' },
    nodes: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7001 },
    ],
  })
  assert.deepEqual(redisAddress('redis+sentinel://:p@a,b:1/my-master?sentinelPassword=s%26t'), {
    ...{ ...defaults, kind: 'sentinel', password: 'p' },
    ...{ masterName: 'my-master', sentinelPassword: 's&t' },
    nodes: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 1 },
    ],
  })
})
