import { createCalls } from './calls.ts'
import { lookInto, parsed, withBody } from './problem.ts'
import type { Send } from './repeat.ts'
import type { Sender } from './sender.ts'
import type { Session, User } from './session.ts'

/** One slash and no other: what leads to another host must not get the token. */
const PATH = /^\/(?![\\/\s])/
/** React Native's requests keep such steps, which lead out of the server's own path. */
const STEPS = /^[^?#]*\/(\.|%2e){2}/i

type Refused = { request: Request; token: string; response: Response; send: Send | undefined }
type Needs = { baseUrl: string; sender: Sender; session: Session }

/** The calls of an application, signed with the access token of the session. */
export function createApi({ baseUrl, sender, session }: Needs) {
  const standing = sender.credentials
  const api = createCalls({ baseUrl, standing, fetch: (request) => fetchSigned(request) })

  /** The server's own address as requests have it, with a slash at the end. */
  function home(): string {
    return new Request(`${baseUrl}/`).url
  }

  function isOurs({ url }: Request): boolean {
    return url.startsWith(home()) && !STEPS.test(url)
  }

  async function fetchSigned(request: Request, send?: Send): Promise<Response> {
    // A call may name another address, which gets no token, and nothing else of ours.
    if (!isOurs(request)) return sender.once(request)
    if (request.headers.has('authorization')) return sender.send(request)
    const again = request.clone()
    const token = await session.accessToken()
    const response = await sender.send(request, token, send)
    if (response.status !== 401 || token === undefined) return learnFrom(request, response)
    return repeatWhereFresh({ request: again, token, response, send })
  }

  /** Once more where the server says that a refresh is all that is missing. */
  async function repeatWhereFresh({ request, token, response, send }: Refused): Promise<Response> {
    const { problem, same } = await lookInto(response)
    if (problem.action === 'login') await session.lose(token, problem)
    if (problem.action !== 'refresh') return same
    await session.refresh(token)
    return learnFrom(request, await sender.send(request, await session.accessToken(), send))
  }

  /** The answer, unread, and what it says about the user. */
  async function learnFrom({ url, method }: Request, response: Response): Promise<Response> {
    if (!response.ok || url !== `${home()}me` || method === 'HEAD') return response
    const text = await response.text()
    const user = parsed(text) as User | undefined
    if (user?.id) session.learn(user)
    return withBody(response, text)
  }

  /** Paths that the server names begin with its own, where it has one. */
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
    const options = isPath ? { ...sender.credentials, ...init } : init
    return fetchSigned(new Request(isPath ? addressOf(input) : input, options), send)
  }

  return { api, fetch }
}
