import { parseJson } from './json.ts'

/** Outlives the page or the app: `localStorage`, or an adapter to Keychain or Keystore. */
export type LatchkeyStorage = {
  getItem(name: string): string | null | Promise<string | null>
  setItem(name: string, value: string): void | Promise<void>
  removeItem(name: string): void | Promise<void>
}

/** What is stored of a session; never an access token. */
export type StoredSession = {
  /** Only in body transport. */
  refreshToken?: string | undefined
  sessionId?: string
  /** Idempotency-Key of a refresh without an answer so far. */
  refreshKey?: string
}

type WebStorage = {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

/** The stored session of one server, whose `baseUrl` is in the key: no other gets its token. */
export function createSessionStore(storage: LatchkeyStorage, baseUrl: string) {
  // Keychain and Keystore allow few characters.
  const name = `latchkey.${baseUrl.replace(/[^\w.-]+/g, '_')}`

  async function read(): Promise<StoredSession> {
    const text = await storage.getItem(name)
    return (parseJson(text ?? '') as StoredSession | undefined) ?? {}
  }

  return {
    read,
    /**
     * Resolves when the store shows a session of another tab: a browser copies `localStorage` from
     * process to process, and a message may be faster. Gives up after a second.
     */
    async waitForSession(sessionId: string): Promise<void> {
      for (let reads = 0; reads < 20 && (await read()).sessionId !== sessionId; reads++)
        await new Promise((resolve) => setTimeout(resolve, 50))
    },
    write: async (session: StoredSession) => storage.setItem(name, JSON.stringify(session)),
    clear: async () => storage.removeItem(name),
  }
}

export function memoryStorage(): LatchkeyStorage {
  const items = new Map<string, string>()
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  }
}

/** `localStorage`, if the browser's settings allow it. */
export function browserStorage(): LatchkeyStorage | undefined {
  try {
    const { localStorage } = globalThis as unknown as { localStorage: WebStorage }
    localStorage.setItem('latchkey', '')
    localStorage.removeItem('latchkey')
    return localStorage
  } catch {
    return undefined
  }
}
