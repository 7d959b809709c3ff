// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parentIn } from '../../src/platform/tracing/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const found = { traceId: TRACE, spanId: SPAN }

test('a traceparent of W3C Trace Context is read, of later versions too', () => {
  assert.deepEqual(parentIn(`00-${TRACE}-${SPAN}-01`), { ...found, isSampled: true })
  assert.deepEqual(parentIn(`00-${TRACE}-${SPAN}-00`), { ...found, isSampled: false })
  assert.deepEqual(parentIn(`cc-${TRACE}-${SPAN}-03-more`), { ...found, isSampled: true })
})

test('anything else is ignored', () => {
  const bad = [
    '',
    TRACE,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01\n`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-0123`,
    `00-${'a'.repeat(1_000_000)}`,
  ]

  assert.deepEqual(
    bad.filter((text) => parentIn(text) !== undefined),
    [],
  )
  assert.equal(parentIn(undefined), undefined)
})
