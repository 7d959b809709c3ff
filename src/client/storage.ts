/**
 * Where the client keeps what must outlive the page or the app: `localStorage`, React Native's
 * `AsyncStorage`, or anything of this form.
 */
export type LatchkeyStorage = {
  getItem(name: string): string | null | Promise<string | null>
  setItem(name: string, value: string): void | Promise<void>
  removeItem(name: string): void | Promise<void>
}

/** What is kept of a session; never an access token. */
export type Kept = {
  /** In body transport alone: in cookie transport no script ever sees it. */
  refreshToken?: string
  /** The session that the token is of; another tab may have opened another one meanwhile. */
  sessionId?: string
  /** Names a refresh whose answer has not arrived. */
  refreshKey?: string
}

type WebStorage = {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

const NAME = 'latchkey'

/** Reads and writes the one record in a storage. What cannot be read counts as nothing. */
export function createKeeper(storage: LatchkeyStorage) {
  return {
    async read(): Promise<Kept> {
      const text = await storage.getItem(NAME)
      return (text ? parsed(text) : undefined) ?? {}
    },
    write: async (kept: Kept) => storage.setItem(NAME, JSON.stringify(kept)),
    clear: async () => storage.removeItem(NAME),
  }
}

function parsed(text: string): Kept | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Lasts as long as the page or the process. */
export function memoryStorage(): LatchkeyStorage {
  const items = new Map<string, string>()
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  }
}

/** The browser's storage where there is one that can be written; some browsers refuse by their settings. */
export function browserStorage(): LatchkeyStorage {
  try {
    const { localStorage } = globalThis as unknown as { localStorage: WebStorage }
    localStorage.setItem(`${NAME}.try`, '')
    localStorage.removeItem(`${NAME}.try`)
    return localStorage
  } catch {
    return memoryStorage()
  }
}
