import assert from 'node:assert/strict'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { call } from './answers.ts'
import { bearer, PASSWORD, type Person } from './factories.ts'
import { uniqueName } from './helper.ts'
import { type House, newAdmin, newHouse, sharedServer } from './houses.ts'
import { aPicture, formWith } from './pictures.ts'

export const theServer = sharedServer({
  RATE_LIMITS: 'off',
  SIGN_IN_BY_MAIL: 'on',
  // So that there is more to be forged.
  TRUST_PROXY: '127.0.0.1,10.0.0.0/8',
})

/** Somebody who has a house with a photo. */
async function makeScene() {
  const server = await theServer()
  const person = await newAdmin(server)
  const house = await newHouse(server, person)
  const { payload, headers } = formWith(await aPicture('png'))
  const sent = await call(server, `POST /houses/${house.id}/photos`, payload, {
    ...headers,
    ...bearer(person.access_token),
  })
  assert.equal(sent.statusCode, 201, sent.body)
  return { server, person, house, photoId: sent.json<{ id: string }>().id }
}

let made: Promise<Scene> | undefined

/** The same for all attacks, since none of them may change anything. */
export function theScene(): Promise<Scene> {
  made ??= makeScene()
  return made
}

type Scene = Awaited<ReturnType<typeof makeScene>>

/** The address of an operation, about things that are there. */
export function addressOf(
  path: string,
  { house, photoId }: Pick<Scene, 'house' | 'photoId'>,
): string {
  return path
    .replace('{id}', house.id)
    .replace('{photoId}', photoId)
    .replace('{code}', 'not_found')
    .replace('{provider}', 'google')
    .replace('/docs/static/{name}', '/docs/static/swagger-ui.css')
}

/**
 * A body of each operation that takes one: with all its fields, and good in each of them. Fields of
 * which only one may be there are in bodies of their own.
 */
export const good: Record<string, (person: Person, house: House) => Record<string, unknown>> = {
  'POST /register': () => ({
    username: uniqueName(),
    email: `${uniqueName('mail')}@example.com`,
    password: PASSWORD,
    passwordConfirm: PASSWORD,
    name: 'Ada',
    transport: 'body',
  }),
  'POST /login': ({ username }) => ({ username, password: PASSWORD, transport: 'body' }),
  'POST /login email': ({ email }) => ({ email, password: PASSWORD }),
  'POST /refresh': ({ refresh_token }) => ({ refresh_token }),
  'PATCH /me': () => ({
    name: 'Ada',
    locale: 'zh-CN',
    email: `${uniqueName('mail')}@example.com`,
    username: uniqueName(),
    secondFactor: false,
    currentPassword: PASSWORD,
  }),
  'DELETE /me': () => ({ currentPassword: PASSWORD }),
  'PUT /password': () => ({
    currentPassword: PASSWORD,
    newPassword: 'another horse, another battery',
    newPasswordConfirm: 'another horse, another battery',
  }),
  'POST /challenges': ({ username }) => ({
    purpose: 'sign_in',
    login: username,
    transport: 'body',
  }),
  'POST /challenges provider': () => ({
    ...{ purpose: 'sign_in', provider: 'google', returnTo: 'http://localhost:3000/' },
    ...{ codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', transport: 'body' },
  }),
  'POST /challenges/send': () => ({ challenge: 'nobody made it' }),
  'POST /challenges/answer': () => ({
    ...{ challenge: 'nobody made it', method: 'mail_code', code: '1234 5678' },
    newPassword: 'another horse, another battery',
    newPasswordConfirm: 'another horse, another battery',
    ...{ name: 'Phone', trustDevice: true },
  }),
  'POST /challenges/answer password': () => ({
    ...{ challenge: 'nobody made it', method: 'password', password: PASSWORD },
  }),
  'POST /challenges/answer credential': () => ({
    ...{ challenge: 'nobody made it', method: 'passkey', credential: { id: 'q83v' } },
  }),
  'POST /challenges/answer oidc': () => ({
    ...{ challenge: 'nobody made it', method: 'oidc', username: uniqueName() },
    codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  }),
  'PATCH /factors/{id}': () => ({ name: 'Phone' }),
  'POST /admin/users': () => ({
    username: uniqueName(),
    email: `${uniqueName('mail')}@example.com`,
    name: 'Ada',
    role: 'user',
    password: PASSWORD,
  }),
  'PATCH /admin/users/{id}': () => ({
    name: 'Ada',
    email: `${uniqueName('mail')}@example.com`,
    emailVerified: true,
    role: 'user',
    disabled: false,
  }),
  'POST /notes': () => aText(),
  'PUT /notes/{id}': () => aText(),
  'PATCH /notes/{id}': () => aText(),
  'POST /houses': () => aProject(),
  'PUT /houses/{id}': () => aProject(),
  'PATCH /houses/{id}': () => aProject(),
}

const aText = () => ({ title: 'Keys', body: 'Garage', tags: ['home'] })

const aProject = () => ({
  projectNo: uniqueName('P'),
  projectName: 'Haus',
  projectAddress: 'Am Markt 1',
})

/** One ignores its body, the other one takes what a provider adds to it. */
export const NEVER_REFUSE = ['POST /logout', 'POST /oidc/{provider}/callback']

/** Sends a body to each operation that may refuse one, made from a good one. */
export async function eachBody(
  { server, person, house, photoId }: Scene,
  work: (
    send: (payload: InjectOptions['payload'], headers?: object) => Promise<LightMyRequestResponse>,
    body: Record<string, unknown>,
    line: string,
  ) => Promise<void>,
): Promise<void> {
  for (const [line, make] of Object.entries(good)) {
    const [method = '', path = ''] = line.split(' ')
    const url = addressOf(path, { house, photoId })
    const send = (payload: InjectOptions['payload'], headers = {}) =>
      call(server, `${method} ${url}`, payload, { ...bearer(person.access_token), ...headers })
    await work(send, make(person, house), line)
  }
}
