import { createCalls } from './calls.ts'
import { successful } from './exchange.ts'
import { parseJson } from './json.ts'
import { lookInto, type Problem, withBody } from './problem.ts'
import type { Send } from './retry.ts'
import type { Sender } from './sender.ts'
import type { Session } from './session.ts'
import type { User } from './session-body.ts'
import { ROUNDS, type StepUp } from './step-up.ts'

/** A path with one slash: `//host` leads to another host, which must not get the token. */
const PATH = /^\/(?![\\/\s])/
/** `..` in a path: React Native does not resolve it. */
const STEPS = /^[^?#]*\/(\.|%2e){2}/i

type Dependencies = { baseUrl: string; sender: Sender; session: Session; stepUp: StepUp }

/** Calls of the application, with the access token of the session. */
export function createApi({ baseUrl, sender, session, stepUp }: Dependencies) {
  const { credentials } = sender
  const api = createCalls({
    baseUrl,
    defaults: credentials,
    fetch: (request) => fetchSigned(request),
  })

  function home(): string {
    return new Request(`${baseUrl}/`).url
  }

  function isOurs({ url }: Request): boolean {
    return url.startsWith(home()) && !STEPS.test(url)
  }

  async function fetchSigned(request: Request, send?: Send): Promise<Response> {
    // Another server gets no token.
    if (!isOurs(request)) return sender.once(request)
    if (request.headers.has('authorization')) return sender.send(request)
    return fetchInTurns(request, send, { refresh: 1, step_up: ROUNDS })
  }

  /** @param turns that are left for each action */
  async function fetchInTurns(
    request: Request,
    send: Send | undefined,
    turns: Record<string, number>,
  ): Promise<Response> {
    const token = await session.accessToken()
    // A clone, since it may have to be sent again.
    const response = await sender.send(request.clone(), token, send)
    if (response.status !== 401 || token === undefined) return updateUserFrom(request, response)
    const { problem, same } = await lookInto(response)
    const { action } = problem
    if (action === 'login') await session.drop(token, problem)
    const left = turns[action] ?? 0
    if (left === 0 || !(await mend(problem, token))) return same
    return fetchInTurns(request, send, { ...turns, [action]: left - 1 })
  }

  /** Does what the server asks for. @returns whether to repeat the request */
  async function mend(problem: Problem, token: string): Promise<boolean> {
    // A sign-in by hand: its challenge opens another session.
    if (problem.challenge?.purpose === 'sign_in') return false
    if (problem.action === 'step_up') return (await stepUp.solve(problem, token)) === true
    await session.refresh(token)
    return true
  }

  /** Updates the user from an answer of `/me`, whose body can still be read. */
  async function updateUserFrom({ url, method }: Request, response: Response): Promise<Response> {
    if (!response.ok || url !== `${home()}me` || method === 'HEAD') return response
    const text = await response.text()
    const user = parseJson(text) as User | undefined
    if (user?.id) session.updateUser(user)
    return withBody(response, text)
  }

  function addressOf(path: string): string {
    if (!PATH.test(path)) throw new TypeError(`Not a path of the server: ${path}`)
    const [, host = '', own = ''] = /^(\w+:\/\/[^/]+)(.*)/.exec(home()) ?? []
    return path.startsWith(own) ? host + path : baseUrl + path
  }

  async function fetch(
    input: string | URL | Request,
    init?: RequestInit,
    send?: Send,
  ): Promise<Response> {
    const isPath = typeof input === 'string' && !/^\w+:/.test(input)
    const options = isPath ? { ...credentials, ...init } : init
    return fetchSigned(new Request(isPath ? addressOf(input) : input, options), send)
  }

  /** Calls of the client itself. @param key names the request, which is repeated without an answer */
  async function call<Body>(
    line: string,
    { body, key }: { body?: object; key?: string } = {},
  ): Promise<Body> {
    const [method = '', path = ''] = line.split(' ')
    const sent = body && { body: JSON.stringify(body) }
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    }
    const answer = await fetch(path, { method, headers, ...sent }, key ? sender.surely : undefined)
    const text = await (await successful(answer)).text()
    return parseJson(text) as Body
  }

  return { api, fetch, call }
}
