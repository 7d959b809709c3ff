import type { Problem } from '../problem.ts'
import { randomKey } from '../random-key.ts'
import type { SessionBody, User } from '../session-body.ts'
import {
  deviceCookies,
  makeCookie,
  readCookies,
  type SetCookie,
  type Visitor,
  withCookies,
} from './cookies.ts'
import { type Answer, type Question, type Service, unavailableResponse } from './service.ts'

export type Opened = { user: User; problem?: undefined } | { user?: undefined; problem: Problem }
/** Fields of a form, as `FormData.get` returns them; Latchkey validates them. */
type Fields<Name extends string> = { [name in Name]?: unknown }

/** One request of a browser: its user, calls in that name, and the cookies to set. */
export type Visit = {
  /** `unknown`: there is a session, but Latchkey does not answer. Do not ask for a sign-in. */
  readonly state: 'signedIn' | 'signedOut' | 'unknown'
  readonly accessToken: string | undefined
  /** The cookies to set; `finish` adds them to a response. */
  readonly cookies: SetCookie[]
  /** The `Cookie` header of this request with the new cookies, for rendering. */
  readonly cookieHeader: string
  /** Like `fetch` with the token; 503 if Latchkey does not answer or the state is `unknown`. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  signIn(fields: Fields<'username' | 'email' | 'password'>): Promise<Opened>
  register(
    fields: Fields<'username' | 'email' | 'password' | 'passwordConfirm' | 'name'>,
  ): Promise<Opened>
  /**
   * Signs in with the answer to a challenge, such as that of a problem of `signIn` or `register`.
   * Without a `method`, such as `totp`, it is a mailed code.
   */
  answerChallenge(fields: Fields<'challenge' | 'method' | 'code'>): Promise<Opened>
  changePassword(
    fields: Fields<'currentPassword' | 'newPassword' | 'newPasswordConfirm'>,
  ): Promise<Opened>
  /** Ends the session. If Latchkey fails it stays, unless `local` drops the cookies anyway. */
  signOut(options?: { local?: boolean }): Promise<{ problem?: Problem }>
  /** Stores the session of an answer to `fetch`. */
  keep(body: SessionBody): void
  /** Adds the cookies and `Cache-Control`; cookies that the response sets itself win. */
  finish(response: Response): Response
}

type Dependencies = { service: Service; visitor: Visitor; cookie: string; secure: boolean }

export function createVisit({ service, visitor, cookie, secure }: Dependencies) {
  const sent = readCookies(visitor)
  const prefix = secure ? '__Host-' : ''
  const names = { access: `${prefix}${cookie}-access`, refresh: `${prefix}${cookie}-refresh` }
  const tokens = { access: sent.get(names.access), refresh: sent.get(names.refresh) }
  const changed = new Map<string, SetCookie>()

  function put(kind: keyof typeof tokens, value: string | undefined, maxAge: number): void {
    tokens[kind] = value
    const name = names[kind]
    changed.set(name, makeCookie(name, value ?? '', maxAge, secure))
  }

  /** The access cookie expires before its token, so no render outlives the token. */
  function keep(body: SessionBody): void {
    put('access', body.access_token, Math.max(1, body.refreshAfter))
    put('refresh', body.refresh_token, body.refresh_expires_in)
  }

  function drop(): void {
    put('access', undefined, 0)
    put('refresh', undefined, 0)
  }

  function take(answer: Answer): Opened {
    if (answer.problem) return { problem: answer.problem }
    const body = answer.body as SessionBody
    keep(body)
    for (const one of deviceCookies(answer.headers, secure)) changed.set(one.name, one)
    return { user: body.user }
  }

  /** Only an answer of Latchkey ends the session, never a missing one. */
  async function refresh(): Promise<void> {
    if (tokens.access || !tokens.refresh) return
    const question = { body: { refresh_token: tokens.refresh }, isIdempotent: true }
    const { problem } = take(await service.ask('/refresh', question, visitor))
    if (problem?.status === 401 && problem.action === 'login') drop()
  }

  function open(path: string, fields: object): Promise<Opened> {
    return send(path, { body: { ...fields, transport: 'body' } })
  }

  function answerChallenge(given: Fields<'challenge' | 'method' | 'code'>): Promise<Opened> {
    const { challenge, method = 'mail_code', code } = given
    const body = { challenge, method, code }
    const headers = { 'idempotency-key': randomKey() }
    return send('/challenges/answer', { body, headers, isIdempotent: true })
  }

  async function send(path: string, question: Question): Promise<Opened> {
    if (isForeign(visitor)) return { problem: FOREIGN }
    const replaced = tokens.refresh
    const opened = take(await service.ask(path, question, visitor))
    if (opened.user && replaced)
      await service.ask('/logout', { body: { refresh_token: replaced } }, visitor)
    return opened
  }

  async function signOut({ local = false } = {}): Promise<{ problem?: Problem }> {
    if (visit.state === 'signedOut') return {}
    const body = { refresh_token: tokens.refresh }
    const question = { body, headers: authorization(), isIdempotent: true }
    const { problem } = await service.ask('/logout', question, visitor)
    if (problem && !local) return { problem }
    drop()
    return {}
  }

  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const { access } = tokens
    const headers = new Headers(init.headers)
    const isOurs = !headers.has('authorization')
    // Without a token it would be a 401, and the page would ask for a sign-in.
    if (isOurs && visit.state === 'unknown') return unavailableResponse()
    if (isOurs && access) headers.set('authorization', `Bearer ${access}`)
    const response = await service.send(path, { ...init, headers }, visitor)
    // The middleware refreshes at the next request, which comes without the token.
    if (isOurs && access && isDead(response) && tokens.access === access)
      put('access', undefined, 0)
    return response
  }

  const authorization = (): Record<string, string> =>
    tokens.access ? { authorization: `Bearer ${tokens.access}` } : {}

  const visit: Visit = {
    get state() {
      if (tokens.access) return 'signedIn'
      return tokens.refresh ? 'unknown' : 'signedOut'
    },
    get accessToken() {
      return tokens.access
    },
    get cookies() {
      return [...changed.values()]
    },
    get cookieHeader() {
      return withCookies(visitor.headers.get('cookie'), changed.values())
    },
    fetch: call,
    signIn: (fields) => open('/login', fields),
    register: (fields) => open('/register', fields),
    answerChallenge,
    async changePassword(fields) {
      const question = { method: 'PUT', body: fields, headers: authorization() }
      return take(await service.ask('/password', question, visitor))
    },
    signOut,
    keep,
    finish: (response) => finished(response, visit),
  }
  return { visit, refresh }
}

function finished(response: Response, { cookies, state }: Visit): Response {
  const answer = writable(response)
  const { headers } = answer
  const own = headers.getSetCookie().map((header) => header.split('=')[0])
  for (const { name, header } of cookies)
    if (!own.includes(name)) headers.append('set-cookie', header)
  const isPersonal = state !== 'signedOut' && !headers.has('cache-control')
  if (isPersonal || cookies.length > 0) headers.set('cache-control', 'private, no-store')
  return answer
}

/** Responses of `fetch` and `Response.redirect` are immutable; a copy is not. */
function writable(response: Response): Response {
  try {
    response.headers.delete('x-latchkey')
    return response
  } catch {
    return new Response(response.body, response)
  }
}

/** Whether an answer refuses the access token itself (RFC 6750 3.1). */
function isDead({ status, headers }: Response): boolean {
  return status === 401 && (headers.get('www-authenticate') ?? '').includes('invalid_token')
}

/** Whether another site sent the form: login CSRF. */
function isForeign({ headers }: Visitor): boolean {
  return !['same-origin', 'none', null].includes(headers.get('sec-fetch-site'))
}

const FOREIGN: Problem = {
  type: 'about:blank',
  title: 'Foreign request',
  status: 403,
  detail: 'This form was sent from another site.',
  instance: '',
  code: 'csrf_rejected',
  action: 'fix_request',
}
