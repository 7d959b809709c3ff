import assert from 'node:assert/strict'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import { OPERATOR } from '../../src/platform/actor.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { bearer, type Opened, PASSWORD, type Person, signedIn, signedUp } from './factories.ts'
import { type TestServer, uniqueName } from './helper.ts'
import { newAdmin, newHouse } from './houses.ts'
import { newNote } from './notes.ts'
import { digestOfOwned } from './operations.ts'
import { operator } from './operator.ts'

// The kinds of caller, what routes answer them, and how a route is tried.

export const COLUMNS = [
  ...(['anonymous', 'badToken', 'refreshToken'] as const),
  ...(['formerAdmin', 'disabledAdmin', 'stranger', 'owner', 'admin'] as const),
]
type Column = (typeof COLUMNS)[number]

/** What each caller is answered: a status, and the code of a problem after it. */
type Expected = Record<Column, string>
type Request = Omit<InjectOptions, 'method'>
/** `ends` says that callers come out of it without their account or session. */
export type Row = { expected: Expected; request?: (scene: Scene) => Request; ends?: true }

/** What a request can be about. The house, its photo and the spare session are the owner's. */
type Scene = {
  url: string
  owner: Person
  /** Nobody for the callers without a good token. */
  actor: Opened | undefined
  photo: Buffer
}

export function everybody(outcome: string): Expected {
  return {
    anonymous: outcome,
    badToken: outcome,
    refreshToken: outcome,
    formerAdmin: outcome,
    disabledAdmin: outcome,
    stranger: outcome,
    owner: outcome,
    admin: outcome,
  }
}

/** The route takes an access token. One from before a change of role must be refreshed. */
export function signedInOnly(outcome: string): Expected {
  return {
    ...everybody(outcome),
    anonymous: '401 unauthenticated',
    badToken: '401 invalid_token',
    refreshToken: '401 invalid_token',
    formerAdmin: '401 token_expired',
    disabledAdmin: '401 session_ended',
  }
}

export const ownerOrAdmin = (outcome: string): Expected => ({
  ...signedInOnly(outcome),
  stranger: '403 not_owner',
})

/** For administrators: everybody else who is signed in is refused. */
export const adminOnly = (outcome: string): Expected => ({
  ...signedInOnly(outcome),
  stranger: '403 forbidden',
  owner: '403 forbidden',
})

/** What is somebody else's is not there, for administrators neither. */
export const ownerAlone = (outcome: string): Expected => ({
  ...signedInOnly(outcome),
  stranger: '404 not_found',
  admin: '404 not_found',
})

export const json = (payload: object) => (): Request => ({ payload })

export function at(url: string) {
  return (): Request => ({ url })
}

export function registration(): Request {
  const email = `${uniqueName('mail')}@example.com`
  return { payload: { username: uniqueName(), email, password: PASSWORD } }
}

export function login({ owner: { username } }: Scene): Request {
  return { payload: { username, password: PASSWORD } }
}

/** RFC 7578: one part, the file. */
export function upload({ photo }: Pick<Scene, 'photo'>): Request {
  const boundary = 'the-boundary'
  const head = [
    `--${boundary}`,
    'content-disposition: form-data; name="file"; filename="photo.png"',
    'content-type: image/png',
    '',
    '',
  ]
  const payload = Buffer.concat([
    Buffer.from(head.join('\r\n')),
    photo,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}

type Cast = { owner: Person; actors: Record<Column, Opened | undefined> }

export async function castOf(server: TestServer): Promise<Cast> {
  const [owner, stranger] = [await signedUp(server), await signedUp(server)]
  const [admin, formerAdmin] = [await newAdmin(server), await newAdmin(server)]
  const [disabledAdmin, refreshToken] = [await newAdmin(server), await newAdmin(server)]
  await operator(server).changeRole(formerAdmin.username, 'user')
  await operator(server).disable(disabledAdmin.username)
  const none = { anonymous: undefined, badToken: undefined }
  const former = { formerAdmin, disabledAdmin, refreshToken }
  return { owner, actors: { ...none, ...former, stranger, owner, admin } }
}

/** A passkey that nobody can use: it is only there. */
export async function newFactor(
  { database, services }: TestServer,
  { user }: Person,
): Promise<string> {
  const credentialKey = uniqueName('passkey')
  const passkey = { kind: 'passkey', secret: 'none', counter: 0n, credentialKey } as const
  return database.client.$transaction((tx) =>
    services.factorStore.insert(tx, user.id as UserId, passkey),
  )
}

/** An identity of a provider that nobody runs: it is only there. */
export async function newIdentity(
  { database, services }: TestServer,
  userId: string,
): Promise<string> {
  const name = { issuer: 'https://id.example.com', subject: uniqueName() }
  const facts = { ...name, provider: 'nobody', email: null }
  return database.client.$transaction((tx) =>
    services.identityStore.insert(tx, userId as UserId, facts, false),
  )
}

/** By the first part of an address: makes one of these for the owner. @returns its id */
const MAKERS: Record<string, (server: TestServer, owner: Person) => Promise<string>> = {
  sessions: async (server, owner) => (await signedIn(server, owner)).sessionId,
  houses: async (server, owner) => (await newHouse(server, owner)).id,
  notes: async (server, owner) => (await newNote(server, owner)).id,
  factors: newFactor,
  identities: (server, { user }) => newIdentity(server, user.id),
}

/** The address of a route, about something fresh of the owner where it names something. */
export async function addressOf(server: TestServer, path: string, owner: Person, photo: Buffer) {
  if (!path.includes('{id}')) return path
  const [, kind = ''] = path.split('/')
  if (kind === 'admin') return accountAddress(server, path)
  const make = MAKERS[kind]
  assert.ok(make, `${path}: add to MAKERS in test/support/callers.ts how one of ${kind} is made`)
  const id = await make(server, owner)
  const url = path.replace('{id}', id)
  if (!url.includes('{photoId}')) return url
  const stored = await server.inject({
    method: 'POST',
    url: `/houses/${id}/photos`,
    ...withToken(upload({ photo }), owner.access_token),
  })
  assert.equal(stored.statusCode, 201, stored.body)
  return stored.json<{ url: string }>().url
}

/** About an account that nobody else uses. */
async function accountAddress(server: TestServer, path: string): Promise<string> {
  const account = { username: uniqueName(), email: `${uniqueName('mail')}@example.com` }
  const made = await server.services.administration.create(
    { ...account, password: PASSWORD },
    OPERATOR,
  )
  const url = path.replace('{id}', made.id)
  if (url.includes('{identityId}')) {
    return url.replace('{identityId}', await newIdentity(server, made.id))
  }
  if (!url.includes('{sid}')) return url
  return url.replace('{sid}', (await signedIn(server, account)).sessionId)
}

function withToken(request: Request, token: string | undefined): Request {
  if (token === undefined) return request
  return { ...request, headers: { ...request.headers, ...bearer(token) } }
}

/** `200`, or `404 not_found` for a problem. */
export function outcomeOf(answer: LightMyRequestResponse): string {
  if (answer.statusCode < 400) return String(answer.statusCode)
  return `${answer.statusCode} ${answer.json<{ code: string }>().code}`
}

/** What the caller shows as an access token. */
function tokenOf(column: Column, actor: Opened | undefined): string | undefined {
  if (column === 'badToken') return 'forged.forged.forged'
  return column === 'refreshToken' ? actor?.refresh_token : actor?.access_token
}

type Trial = { route: string; row: Row; column: Column; cast: Cast }

/** Runs the route for one caller. @returns what came of it */
export async function tryOut(server: TestServer, { route, row, column, cast }: Trial) {
  const [method = '', path = ''] = route.split(' ')
  const photo = await tinyPhoto()
  const url = await addressOf(server, path, cast.owner, photo)
  const actor = cast.actors[column]
  const wish = row.request?.({ url, owner: cast.owner, actor, photo }) ?? {}
  const token = tokenOf(column, actor)
  const options = withToken({ url, ...wish }, token)
  const before = await digestOfOwned(server)

  const answer = await server.inject({ ...options, method: method as 'GET' })

  const hasChanged = (await digestOfOwned(server)) !== before
  const [, kind = ''] = path.split('/')
  const isOwned = (kind in MAKERS && kind !== 'sessions') || path.includes('{identityId}')
  const isWrite = isOwned && method !== 'GET' && answer.statusCode < 300
  assert.equal(hasChanged, isWrite, `${route} as ${column}: the rows have changed: ${hasChanged}`)
  // A callback of a provider has none: it would use the callback up.
  if (method === 'GET' && !path.startsWith('/oidc/')) {
    const head = await server.inject({ ...options, method: 'HEAD' })
    assert.deepEqual([head.statusCode, head.body], [answer.statusCode, ''], `HEAD as ${column}`)
  }
  return outcomeOf(answer)
}

let photo: Promise<Buffer> | undefined
export function tinyPhoto(): Promise<Buffer> {
  const create = { width: 3, height: 2, channels: 3, background: 'teal' } as const
  photo ??= sharp({ create }).png().toBuffer()
  return photo
}
