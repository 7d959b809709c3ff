import { createHmac } from 'node:crypto'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { ORIGIN, REFRESH_COOKIE } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { at } from './reference.ts'
import type { Credential, Transport } from './world.ts'

/** The server under test, with everything that its clients hold: the counterpart of the model. */
export type Subject = {
  server: TestServer
  restart: () => Promise<void>
  /** Begins the names of this run, so that runs do not meet. */
  prefix: string
  refreshTokens: string[]
  accessTokens: string[]
  sessions: { id: string; userId: string; restorations: number }[]
  userIds: string[]
  /**
   * Sessions whose end was acknowledged: none of their tokens may work again.
   */
  dead: Set<number>
  /** The one refresh token of each generation of each session. */
  branches: Map<string, string>
  /** What each refusal looks like, from the first time that it was seen. */
  faces: Map<string, unknown>
}

export const PLACES = ['body', 'header', 'cookie'] as const
export type Place = (typeof PLACES)[number]

export const transportOf = (place: Place): Transport => (place === 'cookie' ? 'cookie' : 'body')

/** The text of a credential: a token that the server issued, or one that it never did. */
function textOf(subject: Subject, credential: Credential): string | undefined {
  if (credential.kind === 'none') return undefined
  if (credential.kind === 'forged') return forgery(subject, credential.index)
  const tokens = credential.kind === 'access' ? subject.accessTokens : subject.refreshTokens
  return at(tokens, credential.index)
}

/** The Authorization header of a request, or none. */
export function authorization(subject: Subject, credential: Credential) {
  const token = textOf(subject, credential)
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** A request that shows a token in one of the three places for refresh tokens. */
export function showing(
  subject: Subject,
  credential: Credential,
  place: Place,
): Pick<InjectOptions, 'headers' | 'payload'> {
  const token = textOf(subject, credential)
  const headers = { origin: ORIGIN }
  if (token === undefined) return { headers }
  if (place === 'body') return { headers, payload: { refresh_token: token } }
  if (place === 'cookie') return { headers: { ...headers, cookie: `${REFRESH_COOKIE}=${token}` } }
  return { headers: { ...headers, authorization: `Bearer ${token}` } }
}

export function send(subject: Subject, request: InjectOptions): Promise<LightMyRequestResponse> {
  return subject.server.inject(request)
}

const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

/** No sequence of commands rotates so often: a genuine token never names it. */
const UNREACHED_GENERATION = 1_000_000

/** Tokens that look right and are not. */
function forgery({ refreshTokens, accessTokens }: Subject, variant: number): string {
  const genuine = [...refreshTokens, ...accessTokens]
  const model = genuine[variant % Math.max(1, genuine.length)]
  if (model === undefined) return 'a.b.c'
  const [header = '', payload = '', signature = ''] = model.split('.')
  const changed = signature.startsWith('A') ? 'B' : 'A'
  const signed = createHmac('sha256', 'another secret').update(`${header}.${payload}`)
  return at(
    [
      `${header}.${payload}.${changed}${signature.slice(1)}`,
      `${header}.${encode({ ...claimsOf(model), gen: UNREACHED_GENERATION })}.${signature}`,
      `${encode({ alg: 'none', typ: 'rt+jwt', kid: 'x' })}.${payload}.`,
      `${header}.${payload}.${signed.digest('base64url')}`,
      'a.b.c',
    ],
    variant % 5,
  )
}
