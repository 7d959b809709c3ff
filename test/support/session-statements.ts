import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { TestContext } from 'node:test'

// Where the rows of users lie in several parts, a statement on sessions that names their user asks
// one part; any other one asks them all.

/** The statements of requests that name no user. Others may not. */
const SCATTERED: Record<string, RegExp> = {
  'a passkey or a provider signs in: the challenge knows nobody':
    /FROM Session LEFT JOIN User ON User\.id = userId\s+WHERE Session\.id = \?\s*$/,
}

/** Whether it reads or writes sessions without their user. */
export function isScattered(sql: string): boolean {
  if (!/\bSession\b/.test(sql) || /^\s*INSERT\b/.test(sql)) return false
  return !/\buserId[`"]? (?:=|IN)/.test(sql)
}

/** One for all servers of a program: each storage slows each promise, also after its test. */
const asking = new AsyncLocalStorage<Set<string>>()

/** Fails the test when a request sends such a statement that is not listed. */
export function watchRequests(t: TestContext) {
  const found = new Set<string>()
  t.after(() => assert.deepEqual([...found], [], 'statements on sessions that name no user'))
  return {
    /** What a test asks for itself is not looked at. */
    within: <T>(send: () => T): T => asking.run(found, send),
    note(sql: string): void {
      if (asking.getStore() !== found || !isScattered(sql)) return
      if (!Object.values(SCATTERED).some((known) => known.test(sql))) found.add(sql)
    },
  }
}
