import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { aPicture, formOf, formWith } from './pictures.ts'

// Requests that get all kinds of answers, to be compared with the document.

export type Caller = (
  route: string,
  options?: InjectOptions,
  id?: string,
  photoId?: string,
) => Promise<LightMyRequestResponse>

/** One life of a photo, and a failure of each operation. */
export async function lifeOfPhoto(call: Caller, headers: Record<string, string>, house: string) {
  const photos = '/houses/{id}/photos'
  const image = `${photos}/{photoId}`
  const send = ({ payload, headers: type }: ReturnType<typeof formOf>) =>
    call(`POST ${photos}`, { payload, headers: { ...headers, ...type } }, house)
  const { id } = (await send(formWith(await aPicture()))).json()
  await send(formWith(Buffer.from('GIF89a')))
  await send(formWith(Buffer.alloc(6_000_000)))
  await send(formOf([]))
  await call(`POST ${photos}`, { headers, payload: {} }, house)
  await call(`GET ${photos}`, { headers }, house)
  await call(`GET ${photos}`, { headers })
  const tag = { ...headers, 'if-none-match': '*' }
  for (const more of [headers, tag, {}, { ...headers, accept: 'image/png' }]) {
    await call(`GET ${image}`, { headers: more }, house, id)
  }
  await call(`DELETE ${image}`, { headers }, house, id)
  await call(`DELETE ${image}`, { headers }, house, id)
}

/** A challenge with a wrong code, and pages about mails. */
export async function lifeOfChallenge(
  call: Caller,
  headers: Record<string, string>,
): Promise<void> {
  const payload = { purpose: 'verify_email' }
  const { token: challenge } = (await call('POST /challenges', { headers, payload })).json()
  await call('POST /challenges', { payload })
  await call('POST /challenges', { headers, payload: { purpose: 'unknown' } })
  await call('POST /challenges/send', { payload: { challenge } })
  await call('POST /challenges/send', { payload: { challenge: 'forged' } })
  const answer = { challenge, method: 'mail_code', code: '0' }
  await call('POST /challenges/answer', { payload: answer })
  await call('POST /challenges/answer', { payload: { ...answer, challenge: 'forged' } })
  await call('GET /outbox')
  await call('GET /mail')
  await call('GET /admin')
}

/** An app that is added and used, and a failure of each operation. */
export async function lifeOfFactors(call: Caller, headers: Record<string, string>): Promise<void> {
  await call('GET /.well-known/webauthn')
  await call('GET /factors', { headers })
  await call('GET /factors')
  await call('PATCH /factors/{id}', { headers, payload: { name: 'Phone' } })
  await call('PATCH /factors/{id}', { headers, payload: { name: '' } })
  await call('DELETE /factors/{id}', { headers })
  await call('POST /factors/recovery-codes', { headers })
  await call('POST /challenges', { headers, payload: { purpose: 'add_totp' } })
}

/** Nobody comes back from a provider, since none is configured. */
export async function lifeOfProviders(call: Caller, headers: Record<string, string>) {
  await call('GET /providers')
  await call('GET /providers', { headers: { accept: 'image/png' } })
  const callback = '/oidc/{provider}/callback'
  await call(`GET ${callback}`, { query: { state: 'forged' } }, 'google')
  await call(`POST ${callback}`, { payload: { state: 'forged' } }, 'google')
  await call('GET /identities', { headers })
  await call('GET /identities')
  await call('DELETE /identities/{id}', { headers })
  await call('DELETE /identities/{id}')
}

/** An account that an administrator makes, changes and deletes, and a failure of each operation. */
export async function lifeOfAdministration(
  call: Caller,
  headers: Record<string, string>,
): Promise<void> {
  const payload = { username: 'guest', email: 'guest@example.com' }
  const { id } = (await call('POST /admin/users', { headers, payload })).json()
  await call('POST /admin/users', { headers, payload })
  await call('POST /admin/users', { payload })
  for (const path of ['users', 'events', 'summary']) {
    await call(`GET /admin/${path}`, { headers })
    await call(`GET /admin/${path}`)
  }
  await call('GET /admin/users', { headers, query: { size: '0' } })
  const user = '/admin/users/{id}'
  const stale = { ...headers, 'if-match': '"9"' }
  const lines = [
    ...[`GET ${user}`, `GET ${user}/sessions`, `DELETE ${user}/sessions`],
    ...[`DELETE ${user}/sessions/{sid}`, `DELETE ${user}/lockout`, `DELETE ${user}/factors`],
    ...[`GET ${user}/identities`, `DELETE ${user}/identities/{identityId}`],
    `POST ${user}/reset-mail`,
  ]
  for (const line of lines) {
    await call(line, { headers }, id)
    await call(line, { headers })
    await call(line)
  }
  await call(`PATCH ${user}`, { headers, payload: { name: 'Ada' } }, id)
  await call(`PATCH ${user}`, { headers, payload: { role: 'root' } }, id)
  await call(`PATCH ${user}`, { headers: stale, payload: { name: 'Bea' } }, id)
  await call(`DELETE ${user}`, { headers: stale }, id)
  await call(`DELETE ${user}`, { headers }, id)
  await call(`DELETE ${user}`, { headers }, id)
}
