import type { Operations, PersonRecord, SessionRecord } from './operations.ts'
import type { Mail } from './types.ts'

type Method = 'GET' | 'POST' | 'DELETE'
type Refusal = { title?: string; detail?: string; errors?: { pointer: string; detail: string }[] }

/** Its detail, and where it has several, each of them with its place. */
function reasonOf({ title, detail = title, errors = [] }: Refusal): string | undefined {
  const places = errors.map((error) => `${error.pointer}: ${error.detail}`)
  return errors.every((error) => error.detail === detail) ? detail : [detail, ...places].join('\n')
}

/** What the kit asks of a server beside this process, through its control port. */
export function createRemote(control: string): Operations {
  /** @throws Error with the detail of the problem that the control port answers */
  async function send<Answer>(method: Method, path: string, body?: object): Promise<Answer> {
    const answer = await fetch(new URL(path, control), {
      method,
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    if (answer.status === 204) return undefined as Answer
    const value = (await answer.json()) as Answer & Refusal
    if (answer.ok) return value
    throw new Error(reasonOf(value) ?? `${method} ${path} answers ${answer.status}`)
  }

  const post = <Answer>(path: string, body?: object) => send<Answer>('POST', path, body)
  const timeOf = async (answer: Promise<{ now: number }>) => (await answer).now
  const idOf = async (answer: Promise<{ id: string }>) => (await answer).id

  return {
    now: () => timeOf(send('GET', '/clock')),
    advance: (by) => timeOf(post('/clock/advance', { by })),
    addPerson: (wish) => post<PersonRecord>('/people', wish),
    openSession: (userId, options) => post<SessionRecord>('/sessions', { userId, ...options }),
    mails: async (to) => (await send<{ items: Mail[] }>('GET', `/mails${query({ to })}`)).items,
    lastMail: (to, after, timeoutMs) =>
      send<Mail>('GET', `/mails/last${query({ to, after, timeoutMs: String(timeoutMs) })}`),
    totpCode: async (secret, at) =>
      (await post<{ code: string }>('/totp', { secret, ...(at === undefined ? {} : { at }) })).code,
    newPasskey: () => idOf(post('/passkeys')),
    createCredential: (id, options) => post(`/passkeys/${id}/create`, options),
    getCredential: (id, options) => post(`/passkeys/${id}/get`, options),
    startTrouble: ({ kind, ...rest }) => idOf(post(`/faults/${kind}`, rest)),
    endTrouble: (id) => send('DELETE', `/faults/${id}`),
    endTroubles: () => send('DELETE', '/faults'),
    expireAccessTokens: () => timeOf(post('/faults/expire-access-tokens')),
    revokeEverything: async () =>
      (await post<{ ended: number }>('/faults/revoke-everything')).ended,
    reset: () => post('/reset'),
  }
}

function query(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] =>
    Boolean(entry[1]),
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}
