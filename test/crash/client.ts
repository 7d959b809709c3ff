import assert from 'node:assert/strict'
import type { Opened } from '../support/factories.ts'
import { type Answer, call, type ServerProcess } from '../support/process.ts'

/** Numbers from 0 to below 1, the same for the same seed. */
export type Chance = () => number

/** What a client knows of one of its sessions: it lives, it is over, or the answer was lost. */
type Held = { tokens: Opened; state: 'live' | 'over' | 'unknown' }

/**
 * What a client knows after a deed whose answer was lost: either all of it happened, or nothing.
 */
type Doubt =
  | { kind: 'password'; wanted: string }
  | { kind: 'registration' | 'deletion' }
  | undefined

const MOST_SESSIONS = 4
const LIVING = { state: 'live' } as const

/**
 * Somebody with an account who goes on working until the server dies, and afterwards insists on
 * everything that was acknowledged.
 */
export function createCrashClient(username: string, chance: Chance) {
  const email = `${username}@example.com`
  let passwordCount = 0
  let password = nextPassword()
  let exists = false
  let sessions: Held[] = []
  let doubt: Doubt
  let acknowledged = 0
  let lost = 0

  function nextPassword(): string {
    passwordCount++
    return `copper lantern ${passwordCount} on the shelf`
  }

  const living = () => sessions.filter(({ state }) => state === 'live')

  function oneOf<T>(items: readonly T[]): T {
    const item = items[Math.floor(chance() * items.length)]
    assert.ok(item !== undefined)
    return item
  }

  /** @returns undefined when the server died before it answered */
  async function ask(...request: Parameters<typeof call>): Promise<Answer | undefined> {
    try {
      const answer = await call(...request)
      acknowledged++
      return answer
    } catch (error) {
      // fetch says so when the connection breaks; everything else is an error of the test.
      assert.ok(error instanceof TypeError, String(error))
      lost++
      return undefined
    }
  }

  /** One deed after the other until an answer is lost. */
  async function work(server: ServerProcess): Promise<void> {
    while (await step(server)) {
      // Goes on.
    }
  }

  /** @returns whether the answer came */
  function step(server: ServerProcess): Promise<boolean> {
    if (!exists) return register(server)
    if (living().length === 0 || sessions.length < 2) return logIn(server)
    const dice = chance()
    const [, deed] = deeds.find(([below]) => dice < below) ?? deeds[0]
    return deed(server, oneOf(living()))
  }

  type Deed = (server: ServerProcess, session: Held) => Promise<boolean>
  const deeds: [[below: number, deed: Deed], ...[number, Deed][]] = [
    [0.45, refresh],
    [0.65, logIn],
    [0.8, logOut],
    [0.95, changePassword],
    [1, remove],
  ]

  async function register(server: ServerProcess): Promise<boolean> {
    const body = { username, email, password }
    const answer = await ask(server, 'POST', '/register', { body })
    if (!answer) doubt = { kind: 'registration' }
    if (!answer) return false
    expectStatus(server, answer, 201)
    exists = true
    sessions = [{ tokens: answer.body as Opened, ...LIVING }]
    return true
  }

  async function logIn(server: ServerProcess): Promise<boolean> {
    if (living().length >= MOST_SESSIONS) return logOut(server, oneOf(living()))
    const answer = await ask(server, 'POST', '/login', { body: { username, password } })
    if (!answer) return false
    expectStatus(server, answer, 200)
    sessions.push({ tokens: answer.body as Opened, ...LIVING })
    return true
  }

  async function refresh(server: ServerProcess, session: Held): Promise<boolean> {
    const { refresh_token } = session.tokens
    const answer = await ask(server, 'POST', '/refresh', { body: { refresh_token } })
    // A client that loses the answer keeps the old token, and that is enough.
    if (!answer) return false
    expectStatus(server, answer, 200)
    session.tokens = answer.body as Opened
    return true
  }

  async function logOut(server: ServerProcess, session: Held): Promise<boolean> {
    const { access_token: token } = session.tokens
    const answer = await ask(server, 'POST', '/logout', { token })
    session.state = answer ? 'over' : 'unknown'
    if (answer) expectStatus(server, answer, 200)
    return answer !== undefined
  }

  async function changePassword(server: ServerProcess, by: Held): Promise<boolean> {
    const wanted = nextPassword()
    const answer = await ask(server, 'PUT', '/password', {
      token: by.tokens.access_token,
      body: { currentPassword: password, newPassword: wanted },
    })
    if (!answer) {
      doubt = { kind: 'password', wanted }
      return false
    }
    expectStatus(server, answer, 200)
    passwordIsNow(wanted, by)
    by.tokens = answer.body as Opened
    return true
  }

  /** @param by the session that went on with new tokens */
  function passwordIsNow(wanted: string, by?: Held): void {
    password = wanted
    for (const session of sessions) if (session !== by) session.state = 'over'
  }

  async function remove(server: ServerProcess, { tokens }: Held): Promise<boolean> {
    const body = { currentPassword: password }
    const answer = await ask(server, 'DELETE', '/me', { token: tokens.access_token, body })
    if (!answer) {
      doubt = { kind: 'deletion' }
      return false
    }
    expectStatus(server, answer, 204)
    accountIsGone()
    return true
  }

  function accountIsGone(): void {
    exists = false
    for (const session of sessions) session.state = 'over'
  }

  /**
   * After the restart: everything that was acknowledged holds, and what was not is whole or
   * nothing.
   */
  async function insist(server: ServerProcess): Promise<void> {
    await settleDoubt(server)
    for (const session of sessions) await insistOnSession(server, session)
    await insistOnPassword(server)
    // Those that are over stay so; a few of them are asked again after the next crash.
    const over = sessions.filter(({ state }) => state === 'over').slice(-3)
    sessions = [...over, ...living()]
  }

  async function settleDoubt(server: ServerProcess): Promise<void> {
    const settled = doubt
    doubt = undefined
    if (settled?.kind === 'registration') exists = await canLogIn(server, password)
    if (settled?.kind === 'deletion' && !(await canLogIn(server, password))) accountIsGone()
    if (settled?.kind === 'password' && (await canLogIn(server, settled.wanted))) {
      // The tokens from before are dead, and the new ones were lost with the answer.
      passwordIsNow(settled.wanted)
    }
  }

  /** Signs in and out again. */
  async function canLogIn(server: ServerProcess, candidate: string): Promise<boolean> {
    const body = { username, password: candidate }
    const answer = await call(server, 'POST', '/login', { body })
    if (answer.status === 401) return false
    expectStatus(server, answer, 200)
    const { access_token: token } = answer.body as Opened
    expectStatus(server, await call(server, 'POST', '/logout', { token }), 200)
    return true
  }

  async function insistOnSession(server: ServerProcess, session: Held): Promise<void> {
    const { refresh_token, access_token: token } = session.tokens
    if (session.state === 'over') {
      expectStatus(server, await call(server, 'GET', '/verify', { token }), 401)
      expectStatus(server, await call(server, 'POST', '/refresh', { body: { refresh_token } }), 401)
      return
    }
    const answer = await call(server, 'POST', '/refresh', { body: { refresh_token } })
    if (session.state === 'unknown' && answer.status === 401) {
      session.state = 'over'
      return
    }
    expectStatus(server, answer, 200)
    session.state = 'live'
    session.tokens = answer.body as Opened
    expectStatus(
      server,
      await call(server, 'GET', '/verify', { token: session.tokens.access_token }),
      200,
    )
  }

  async function insistOnPassword(server: ServerProcess): Promise<void> {
    assert.equal(await canLogIn(server, password), exists, `${username}: the password`)
    for (let back = 1; back < Math.min(passwordCount, 3); back++) {
      const old = `copper lantern ${passwordCount - back} on the shelf`
      if (old !== password) assert.equal(await canLogIn(server, old), false, `${username}: ${old}`)
    }
  }

  function expectStatus(server: ServerProcess, answer: Answer, status: number): void {
    const log = answer.status < 500 ? '' : `\n${server.output().slice(-2000)}`
    assert.equal(answer.status, status, `${username}: ${JSON.stringify(answer.body)}${log}`)
  }

  return { work, insist, counts: () => ({ acknowledged, lost }) }
}
