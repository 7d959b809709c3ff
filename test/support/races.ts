import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import type { LightMyRequestResponse } from 'fastify'
import { bearer, type Opened, PASSWORD, refresh } from './factories.ts'
import { type TestServer, uniqueName } from './helper.ts'
import { call } from './process.ts'

/** How many requests race. */
export const CROWD = 50
export const NEW_PASSWORD = 'another horse, another battery'

export async function filesOf({ uploads }: TestServer): Promise<string[]> {
  const entries = await readdir(uploads, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

export function crowd<T>(one: (index: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: CROWD }, (_, index) => one(index))
}

/** The deed and the rest at once; the deed starts a little earlier or later from round to round. */
export async function beside<A, B>(
  round: number,
  deed: () => Promise<A>,
  rest: (() => Promise<B>)[],
): Promise<[A, ...B[]]> {
  const late = async () => {
    for (let turn = 0; turn < round * 4; turn++) await new Promise(setImmediate)
    return deed()
  }
  const others = round % 2 ? rest.map((one) => one()) : []
  const first = late()
  if (round % 2 === 0) others.push(...rest.map((one) => one()))
  return [await first, ...(await Promise.all(others))]
}

export function statuses(answers: LightMyRequestResponse[]): Record<string, number> {
  return tally(
    answers.map((answer) =>
      answer.statusCode < 400 ? answer.statusCode : `${answer.statusCode} ${answer.json().code}`,
    ),
  )
}

export function tally(items: (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1
  return counts
}

export async function registered(server: { base: string }): Promise<Opened> {
  const body = {
    username: uniqueName(),
    email: `${uniqueName('mail')}@example.com`,
    password: PASSWORD,
  }
  const answer = await call(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body as Opened
}

/**
 * As a client does: the second time past the window, with what the first brought. @returns what
 * succeeded
 */
export async function refreshTwice(
  server: TestServer,
  { refresh_token }: Opened,
): Promise<Opened[]> {
  const first = await refresh(server, refresh_token)
  if (first.statusCode !== 200) return refusedAsOver(first)
  const opened = first.json<Opened>()
  server.clock.advance(31)
  const second = await refresh(server, opened.refresh_token)
  if (second.statusCode !== 200) return [opened, ...refusedAsOver(second)]
  return [opened, second.json<Opened>()]
}

export function refusedAsOver(answer: LightMyRequestResponse): [] {
  assert.equal(answer.statusCode, 401, answer.body)
  assert.equal(answer.json().code, 'session_ended')
  return []
}

export async function tryLogIn(
  server: TestServer,
  username: string,
  password: string,
): Promise<Opened[]> {
  const answer = await tryLogInRaw(server, username, password)
  if (answer.statusCode === 200) return [answer.json<Opened>()]
  assert.equal(answer.json().code, 'invalid_credentials', answer.body)
  return []
}

export function tryLogInRaw(server: TestServer, username: string, password: string) {
  return server.inject({ method: 'POST', url: '/login', payload: { username, password } })
}

export function changePassword(server: TestServer, { access_token }: Opened, newPassword: string) {
  return server.inject({
    method: 'PUT',
    url: '/password',
    headers: bearer(access_token),
    payload: { currentPassword: PASSWORD, newPassword },
  })
}

export function removeAccount(server: TestServer, { access_token }: Opened) {
  return server.inject({
    method: 'DELETE',
    url: '/me',
    headers: bearer(access_token),
    payload: { currentPassword: PASSWORD },
  })
}

/** Every token that a client may hold is refused, at once on this server. */
export async function assertAllDead(server: TestServer, held: Opened[]): Promise<void> {
  for (const { access_token, refresh_token } of held) {
    const verified = await server.inject({
      method: 'GET',
      url: '/verify',
      headers: bearer(access_token),
    })
    refusedAsOver(verified)
    refusedAsOver(await refresh(server, refresh_token))
  }
}

export function generationOf({ refresh_token = '' }: Opened): number {
  const [, payload = ''] = refresh_token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).gen
}

export function liveRows(server: TestServer, userId: string): Promise<number> {
  return server.database.client.session.count({ where: { userId, revokedAt: null } })
}
