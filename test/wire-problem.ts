import assert from 'node:assert/strict'
import { errorTable } from '../src/platform/error-table.ts'

type Answer = {
  statusCode: number
  headers: Record<string, unknown>
  body: string
}

type Expected = {
  /** The default of the table where it is missing. */
  detail?: string
  errors?: { pointer: string; code: string; detail: string }[]
  /** Headers beyond those of every problem. */
  headers?: Record<string, string>
}

const REQUEST_ID = /^req-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Asserts a whole problem: status, every member of the body, and the headers that each problem has. */
export function assertProblem(answer: Answer, code: string, expected: Expected = {}): void {
  const kind = errorTable.find((row) => row.code === code)
  assert.ok(kind, `the error table has ${code}`)
  const { title, status, action } = kind
  const { detail = kind.detail, errors, headers = {} } = expected
  const instance = answer.headers['x-request-id']
  assert.match(String(instance), REQUEST_ID)
  const members = { type: `/problems/${code}`, title, status, detail, instance, code, action }
  assert.deepEqual(JSON.parse(answer.body), { ...members, ...(errors ? { errors } : {}) })
  assert.equal(answer.statusCode, status)
  const all = {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(answer.body)),
    ...headers,
  }
  const seen = Object.keys(all).map((name) => [name, answer.headers[name]])
  assert.deepEqual(Object.fromEntries(seen), all)
}
