import type { TestContext } from 'node:test'
import type { LatchkeyOptions } from '../../client/src/index.ts'
import { signInUrl } from '../../client/src/providers.ts'
import { type LatchkeyStorage, memoryStorage } from '../../client/src/storage.ts'
import { listeningAddress } from '../../src/server.ts'
import { clientOf } from './network.ts'
import type { Callback, Person } from './oidc-provider.ts'
import { comeBack, RETURN_TO, withProvider } from './providers.ts'

export const ADA = {
  email: 'ada@example.com',
  email_verified: true,
  preferred_username: 'ada',
  name: 'Ada',
}

type Options = Partial<LatchkeyOptions> & { env?: Record<string, string> }

/** A client of a server with a real provider, and what it keeps between leaving and coming back. */
export async function clientScene(
  t: TestContext,
  people: Record<string, Person>,
  { env = {}, ...options }: Options = {},
) {
  const { server, provider } = await withProvider(t, people, { env })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const baseUrl = listeningAddress(server.app).replace('localhost', '127.0.0.1')
  const client = clientOf(baseUrl, options)
  const kept = watchedStorage()

  /** The address that the browser comes to. */
  async function comesTo(callback: Callback): Promise<string> {
    return String((await comeBack(server, callback)).headers.location)
  }

  /** The way to the provider and back, for `finishSignIn`. */
  async function back(login: string, storage: LatchkeyStorage = kept.storage, begin = signInUrl) {
    const url = await begin(client.latchkey, 'real', { returnTo: RETURN_TO, storage })
    return { url: await comesTo(await provider.signIn(new URL(url), login)), storage }
  }

  return { server, provider, client, kept, back, comesTo }
}

/** A storage that tests can look into. */
function watchedStorage() {
  const storage = memoryStorage()
  const names = new Set<string>()
  const read = (name: string) => storage.getItem(name) as string | null
  const entries = () =>
    [...names].flatMap((name): [string, string][] => {
      const value = read(name)
      return value === null ? [] : [[name, value]]
    })
  return {
    storage: {
      ...storage,
      setItem(name: string, value: string) {
        names.add(name)
        return storage.setItem(name, value)
      },
    },
    entries,
    items: () => entries().map(([name]) => name),
  }
}

/** The code of a refusal, of the server or of the provider; `nothing` if it was none. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (error: { code?: string }) => error.code ?? String(error),
  )
}
