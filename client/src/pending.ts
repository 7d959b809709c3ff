import { parseJson } from './json.ts'
import { type LatchkeyStorage, memoryStorage } from './storage.ts'

/** What a client has begun at a provider. */
export type Pending = {
  purpose: 'sign_in' | 'add_identity'
  codeVerifier: string
  /** Idempotency-Key of the answer, the same after a reload. */
  key: string
  /** Once the browser has come back. */
  challenge?: string
  cameAt?: number
}

/** How long the server takes the answer. */
const LIFE_MS = 300_000
/** Where nothing outlives the page, as in Node. */
const memory = memoryStorage()

/** One at a time: a tab is at one provider. `sessionStorage` keeps tabs apart. */
export function createPending(
  { baseUrl }: { baseUrl: string },
  storage: LatchkeyStorage = tabStorage(),
) {
  const name = `latchkey.provider.${baseUrl.replace(/[^\w.-]+/g, '_')}`

  async function write(pending: Pending): Promise<Pending> {
    await storage.setItem(name, JSON.stringify(pending))
    return pending
  }

  return {
    write,

    /** @returns undefined for what is too old to be answered */
    async read(): Promise<Pending | undefined> {
      const pending = parseJson((await storage.getItem(name)) ?? '') as Pending | undefined
      return Date.now() - (pending?.cameAt ?? Date.now()) < LIFE_MS ? pending : undefined
    },

    returned: (pending: Pending, challenge: string): Promise<Pending> =>
      write({ ...pending, challenge, cameAt: Date.now() }),

    clear: async () => storage.removeItem(name),
  }
}

function tabStorage(): LatchkeyStorage {
  try {
    return (globalThis as { sessionStorage?: LatchkeyStorage }).sessionStorage ?? memory
  } catch {
    // The settings of the browser forbid it.
    return memory
  }
}
