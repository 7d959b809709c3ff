import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type StartOptions, startLatchkey, type TestLatchkey } from '../../src/testing/index.ts'
import { isMysql } from './databases.ts'
import { freshDatabase } from './fresh-database.ts'
// What `startLatchkey` loads late: tests of another file that are loaded while a hook loads would
// count as tests of the hook (Node.js 20).
import '../../src/testing/here.ts'
import '../../src/testing/child.ts'

/** What ends what a suite has opened, in order. */
export type Ends = (() => unknown)[]

/** Stands for the context of a test, where a server is for a whole suite. */
export function endingWith(ends: Ends): TestContext {
  return { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
}

export async function endAll(ends: Ends): Promise<void> {
  for (const end of ends) await end()
}

/** A server of `latchkey/testing` on the database of this run, closed when the test ends. */
export async function startKit(t: TestContext, options: StartOptions = {}): Promise<TestLatchkey> {
  let latchkey: TestLatchkey | undefined
  // First, since hooks run in order: the database is dropped after it.
  t.after(() => latchkey?.close())
  const settings = {
    ...(isMysql ? { DATABASE_URL: await freshDatabase(t) } : {}),
    ...options.settings,
  }
  latchkey = await startLatchkey({ ...options, settings })
  return latchkey
}

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

/** One request with a JSON body, as a program without the kit sends it. */
export async function send(
  { url }: Pick<TestLatchkey, 'url'>,
  line: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ')
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? {} : JSON.parse(text),
  }
}

/** What a refused answer says, as far as clients act on it. */
export function refusalOf({ status, headers, body }: Answer) {
  return { status, code: body.code, action: body.action, wait: headers.get('retry-after') }
}

/** Signs in with a password, and with the code of an app where that is asked for. */
export async function signIn(
  latchkey: TestLatchkey,
  person: Awaited<ReturnType<TestLatchkey['aUser']>>,
): Promise<Answer> {
  const { username, password } = person
  const answer = await send(latchkey, 'POST /login', { username, password })
  if (answer.body.code !== 'second_factor_required') return answer
  const { token } = answer.body.challenge as { token: string }
  const code = latchkey.totpCode(person)
  assert.match(code, /^\d{6}$/)
  return send(latchkey, 'POST /challenges/answer', { challenge: token, method: 'totp', code })
}
