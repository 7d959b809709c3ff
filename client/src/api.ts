import { createCalls } from './calls.ts'
import { parseJson } from './json.ts'
import { lookInto, withBody } from './problem.ts'
import type { Send } from './retry.ts'
import type { Sender } from './sender.ts'
import type { Session } from './session.ts'
import type { User } from './session-body.ts'

/** A path with one slash: `//host` leads to another host, which must not get the token. */
const PATH = /^\/(?![\\/\s])/
/** `..` in a path: React Native does not resolve it. */
const STEPS = /^[^?#]*\/(\.|%2e){2}/i

type Refused = { request: Request; token: string; response: Response; send: Send | undefined }
type Dependencies = { baseUrl: string; sender: Sender; session: Session }

/** Calls of the application, with the access token of the session. */
export function createApi({ baseUrl, sender, session }: Dependencies) {
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
    const again = request.clone()
    const token = await session.accessToken()
    const response = await sender.send(request, token, send)
    if (response.status !== 401 || token === undefined) return updateUserFrom(request, response)
    return retryAfterRefresh({ request: again, token, response, send })
  }

  /** Refreshes and retries, if the server asks for that. */
  async function retryAfterRefresh({ request, token, response, send }: Refused): Promise<Response> {
    const { problem, same } = await lookInto(response)
    if (problem.action === 'login') await session.drop(token, problem)
    if (problem.action !== 'refresh') return same
    await session.refresh(token)
    return updateUserFrom(request, await sender.send(request, await session.accessToken(), send))
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

  return { api, fetch }
}
