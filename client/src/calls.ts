import type { Client } from 'openapi-fetch'
import type { paths } from './api-types.ts'
import { addressOf, bodyOf, headersOf, type Parameters } from './call-parts.ts'
import type { Send } from './retry.ts'

/** Requests that change the session have their own functions, which store the tokens. */
type SessionPath = '/register' | '/login' | '/refresh' | '/logout' | '/password' | '/me'
type OtherPaths = Omit<paths, SessionPath> & { '/me': Omit<paths['/me'], 'delete'> }

/** Types of openapi-fetch without its code, which would be a third of the client. */
export type Api = Pick<Client<OtherPaths>, 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'>

type Options = Omit<RequestInit, 'body' | 'headers'> & {
  params?: Parameters
  body?: unknown
  headers?: Parameters['header']
  parseAs?: keyof typeof readers
  baseUrl?: string
}

const readers = {
  json: async (response: Response) => jsonOrText(await response.text()),
  text: (response: Response) => response.text(),
  blob: (response: Response) => response.blob(),
  arrayBuffer: (response: Response) => response.arrayBuffer(),
  stream: (response: Response) => response.body,
}

type Dependencies = {
  baseUrl: string
  defaults: RequestInit
  fetch: Send
}

/** One function for each method, which answers with `{ data, error, response }`. */
export function createCalls({ baseUrl, defaults, fetch }: Dependencies): Api {
  async function call(method: string, path: string, { parseAs = 'json', ...options }: Options) {
    const response = await fetch(requestOf(method, path, options))
    if (!response.ok) return { error: jsonOrText(await response.text()), response }
    return { data: await readers[parseAs](response), response }
  }

  function requestOf(method: string, path: string, options: Options): Request {
    const { params = {}, body: fields, headers, baseUrl: server = baseUrl, ...init } = options
    const body = bodyOf(fields)
    return new Request(server + addressOf(path, params), {
      ...(server === baseUrl ? defaults : {}),
      ...init,
      method,
      headers: headersOf(body, [headers, params.header]),
      ...(body === undefined ? {} : { body }),
    })
  }

  const methods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].map((method) => [
    method,
    (path: string, options: Options = {}) => call(method, path, options),
  ])
  return Object.fromEntries(methods)
}

/** Text that is not JSON stays text. */
function jsonOrText(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return text
  }
}
