import type { Problem } from '../problem.ts'
import type { SessionBody, User } from '../session.ts'
import {
  deviceCookies,
  makeCookie,
  readCookies,
  type SetCookie,
  type Visitor,
  withCookies,
} from './cookies.ts'
import { type Answer, awayResponse, type Service } from './service.ts'

/** The outcome of what opens a session or carries it on: whose it is, or what was wrong. */
export type Opened = { user: User; problem?: undefined } | { user?: undefined; problem: Problem }
/** The fields of a form, as `FormData.get` gives them. Latchkey looks at them, and says what is wrong. */
type Fields<Name extends string> = { [name in Name]?: unknown }

/** One request of a browser: whose it is, calls in that name, and the cookies for the answer. */
export type Visit = {
  /** `unknown`: there is a session, and Latchkey does not answer just now. That is no reason to sign in again. */
  readonly state: 'signedIn' | 'signedOut' | 'unknown'
  readonly accessToken: string | undefined
  /** What the browser must be told. `finish` does it, where the framework has the answer in its hands. */
  readonly cookies: SetCookie[]
  /** The `Cookie` header of this request with the cookies as they are now, for what renders it. */
  readonly cookieHeader: string
  /**
   * As `fetch`, for a path of Latchkey, signed. It answers 503 by itself where Latchkey does not answer, and in the
   * state `unknown`.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>
  signIn(fields: Fields<'username' | 'email' | 'password'>): Promise<Opened>
  register(
    fields: Fields<'username' | 'email' | 'password' | 'passwordConfirm' | 'name'>,
  ): Promise<Opened>
  changePassword(
    fields: Fields<'currentPassword' | 'newPassword' | 'newPasswordConfirm'>,
  ): Promise<Opened>
  /** Ends the session. Where Latchkey cannot be told it goes on, unless `local` lets go of it all the same. */
  signOut(options?: { local?: boolean }): Promise<{ problem?: Problem }>
  /** Takes over the session body of an answer that `fetch` has got. */
  keep(body: SessionBody): void
  /**
   * Adds the cookies to an answer, and keeps it out of every cache. A cookie that the answer sets by itself has the
   * last word.
   */
  finish(response: Response): Response
}

type Needs = { service: Service; visitor: Visitor; cookie: string; secure: boolean }

/** Makes the visit of one request; `refresh` is for the middleware alone. */
export function createVisit({ service, visitor, cookie, secure }: Needs) {
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

  /** The access token leaves the browser while it still works for a while, so no render outlives it. */
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

  /** Trades the refresh token. Only the word of Latchkey ends the session, never its silence. */
  async function refresh(): Promise<void> {
    if (tokens.access || !tokens.refresh) return
    const question = { body: { refresh_token: tokens.refresh }, again: true }
    const { problem } = take(await service.ask('/refresh', question, visitor))
    if (problem?.status === 401 && problem.action === 'login') drop()
  }

  async function open(path: string, fields: object): Promise<Opened> {
    if (isForeign(visitor)) return { problem: FOREIGN }
    const replaced = tokens.refresh
    const body = { ...fields, transport: 'body' }
    const opened = take(await service.ask(path, { body }, visitor))
    if (opened.user && replaced)
      await service.ask('/logout', { body: { refresh_token: replaced } }, visitor)
    return opened
  }

  async function signOut({ local = false } = {}): Promise<{ problem?: Problem }> {
    if (visit.state === 'signedOut') return {}
    const body = { refresh_token: tokens.refresh }
    const question = { body, headers: signature(), again: true }
    const { problem } = await service.ask('/logout', question, visitor)
    if (problem && !local) return { problem }
    drop()
    return {}
  }

  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const { access } = tokens
    const headers = new Headers(init.headers)
    const isOurs = !headers.has('authorization')
    // Without a token it would be refused as a stranger's, and the page would ask for a sign-in.
    if (isOurs && visit.state === 'unknown') return awayResponse()
    if (isOurs && access) headers.set('authorization', `Bearer ${access}`)
    const response = await service.send(path, { ...init, headers }, visitor)
    // The next request comes without the token, and the middleware asks what has become of the session.
    if (isOurs && access && isDead(response) && tokens.access === access)
      put('access', undefined, 0)
    return response
  }

  const signature = (): Record<string, string> =>
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
    async changePassword(fields) {
      const question = { method: 'PUT', body: fields, headers: signature() }
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

/** What `fetch` and `Response.redirect` give cannot be changed; a copy can. */
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

/** Whether a browser says that a page elsewhere sent this: it could sign its reader in as somebody else. */
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
