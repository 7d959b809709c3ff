import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './api-types.ts'
import { lookInto } from './problem.ts'
import type { Sender } from './sender.ts'
import type { Session } from './session.ts'

/** What changes the session itself has functions of its own, which keep the tokens. */
type SessionPath = '/register' | '/login' | '/refresh' | '/logout' | '/password' | '/me'
type OtherPaths = Omit<paths, SessionPath> & { '/me': Omit<paths['/me'], 'delete'> }

/** One slash and no other: what leads to another host must not get the token. */
const PATH = /^\/(?![\\/\s])/

type Needs = { baseUrl: string; sender: Sender; session: Session }

/** The calls of an application, signed with the access token of the session. */
export function createApi({ baseUrl, sender, session }: Needs) {
  const api: Client<OtherPaths> = createClient<OtherPaths>({
    baseUrl,
    fetch: fetchSignedIn,
    bodySerializer,
    ...sender.credentials,
  })

  async function fetchSignedIn(request: Request): Promise<Response> {
    if (request.headers.has('authorization') || !isOurs(request)) return sender.send(request)
    const again = request.clone()
    const token = await session.accessToken()
    const response = await sender.send(request, token)
    if (response.status !== 401 || token === undefined) return response
    const { problem, same } = await lookInto(response)
    if (problem.action === 'login') await session.lose(token, problem)
    if (problem.action !== 'refresh') return same
    await session.refresh(token)
    return sender.send(again, await session.accessToken())
  }

  /** A call may name another `baseUrl`, which gets no token. */
  function isOurs({ url }: Request): boolean {
    return url.startsWith(new Request(`${baseUrl}/`).url)
  }

  return {
    api,
    async fetch(path: string, init: RequestInit = {}): Promise<Response> {
      if (!PATH.test(path)) throw new TypeError(`Not a path of the server: ${path}`)
      return fetchSignedIn(new Request(baseUrl + path, { ...sender.credentials, ...init }))
    },
  }
}

/** Files go as a form, everything else as JSON. */
function bodySerializer(body: unknown): FormData | string {
  if (body instanceof FormData) return body
  const fields = Object.entries(body as object)
  if (!fields.some(([, value]) => value instanceof Blob)) return JSON.stringify(body)
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  return form
}
