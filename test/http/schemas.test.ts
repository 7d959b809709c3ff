// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AjvCompiler } from '@fastify/ajv-compiler'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { defineFeature } from '../../src/features/feature.ts'
import { lazyCompilers } from '../../src/http/validation/lazy-compilers.ts'
import { startServer } from '../support/helper.ts'

const lazily = { ...lazyCompilers }
const atOnce = { buildValidator: AjvCompiler(), buildSerializer: SerializerSelector() }

const wrong = defineFeature({
  name: 'wrong',
  open: () => ({
    routes: async (app) => {
      app.get('/wrong', { schema: { params: { type: 'nonsense' } } }, async () => ({}))
    },
  }),
})

test('every schema of every route compiles', async (t) => {
  Object.assign(lazyCompilers, atOnce)
  t.after(() => Object.assign(lazyCompilers, lazily))

  await assert.doesNotReject(startServer(t))
  await assert.rejects(startServer(t, { features: [wrong] }), /schema is invalid/)
})

test('a schema is compiled by its first request: a wrong one fails there, and others work', async (t) => {
  const server = await startServer(t, { features: [wrong] })

  const [first, other] = [
    await server.inject({ url: '/wrong' }),
    await server.inject({ url: '/livez' }),
  ]

  assert.deepEqual([first.statusCode, other.statusCode], [500, 200])
  const [line] = server.logs.filter(({ err }) => err !== undefined)
  assert.match(JSON.stringify(line?.err), /schema is invalid/)
})
