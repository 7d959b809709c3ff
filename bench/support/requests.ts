import { once } from 'node:events'
import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** The password of every account that the benchmark makes. */
export const PASSWORD = 'zqxj kvbp wmfg'

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  headers?: Record<string, string>
  body?: string
}
type WithBody = Required<HttpRequest>
export type Answer = { status: number; headers: IncomingHttpHeaders; body: string }
export type Person = { id: string; username: string; email: string; token: string }

/** Sends a request and reads the whole answer; lighter than fetch. */
export async function exchange(
  base: string,
  { path, body, headers, ...options }: HttpRequest,
  agent?: Agent,
): Promise<Answer> {
  // Node sends none by itself with a DELETE.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const sent = { ...options, headers: { ...headers, ...length }, agent }
  const asking = request(`${base}${path}`, sent).end(body)
  const [answer] = await once(asking, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

/** A request with a JSON body. */
export function post(path: string, content: object, headers = {}): WithBody {
  const type = { 'content-type': 'application/json' }
  return { method: 'POST', path, headers: { ...type, ...headers }, body: JSON.stringify(content) }
}

export function bearer(
  method: HttpRequest['method'],
  path: string,
  token: string | undefined,
): HttpRequest {
  return { method, path, headers: { authorization: `Bearer ${token}` } }
}

/** @throws Error with the body of an answer that is no success */
export async function ask<T = unknown>(base: string, asked: HttpRequest): Promise<T> {
  const { status, body } = await exchange(base, asked)
  if (status >= 300) throw new Error(`${asked.method} ${asked.path} answered ${status}: ${body}`)
  return JSON.parse(body || 'null')
}

type Registered = { access_token: string; user: { id: string } }

/** Makes an account over HTTP. @throws Error with an answer that is no success */
export async function register(base: string, username: string): Promise<Person> {
  const email = `${username}@example.com`
  const account = { username, email, password: PASSWORD }
  const { access_token: token, user } = await ask<Registered>(base, post('/register', account))
  return { id: user.id, username, email, token }
}

/** Makes accounts one after the other, so that the server is never too busy to take one. */
export async function registerEach(base: string, kind: string, count: number): Promise<Person[]> {
  const people: Person[] = []
  for (let at = 0; at < count; at++) people.push(await register(base, `${kind}-${at}`))
  return people
}
