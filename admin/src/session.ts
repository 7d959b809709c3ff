import { lang } from './texts.ts'
import type { Me, Opened } from './types.ts'

/** What the addresses of the server begin with: PUBLIC_URL may have a path. */
const base = import.meta.url.replace(/admin\/assets\/.*/, '')
/** Other tabs follow a sign-in and a sign-out. */
const tabs = new BroadcastChannel('latchkey-admin')
let token = ''
let due = 0
let refreshing: Promise<void> | undefined

export let me: Me | undefined

/** One request. @param line such as `POST login` @throws Problem, empty if a proxy answers */
export async function send<Answer>(
  line: string,
  body?: unknown,
  signal?: AbortSignal,
  version?: number,
): Promise<Answer> {
  const [method, path] = line.split(' ')
  const answer = await fetch(base + path, {
    method,
    headers: {
      'accept-language': lang,
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(version && { 'if-match': `"${version}"` }),
    },
    body: body && JSON.stringify(body),
    signal,
  } as RequestInit)
  const content = await answer.json().catch(() => ({}))
  // Somebody who has left by now must not get an empty answer, nor that of another page.
  signal?.throwIfAborted()
  if (!answer.ok) throw content
  return content
}

/** Continues with the tokens of an answer, if there are any. */
export function keep(opened?: Opened): void {
  if (!opened) return
  token = opened.access_token
  due = Date.now() + opened.refreshAfter * 1e3
  me = opened.user
}

/** Has a token that is not about to expire; refreshes once for all that wait. @throws Problem */
export async function renew(isDue = Date.now() > due): Promise<void> {
  // The cookie alone: a bearer token would be taken for a refresh token.
  if (!isDue) return
  due = 0
  token = ''
  refreshing ??= send<Opened>('POST refresh')
    .then(keep)
    .finally(() => {
      refreshing = undefined
    })
  await refreshing
}

/** Tells the other tabs, which start from the beginning. */
export const tell = () => tabs.postMessage(0)
tabs.onmessage = () => location.reload()

export async function signOut(): Promise<void> {
  await send('POST logout')
  tell()
  location.reload()
}
