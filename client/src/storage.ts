/**
 * Where the client keeps what must outlive the page or the app: on phones what leads to Keychain or Keystore,
 * in browsers `localStorage`, or anything of this form. React Native's `AsyncStorage` is plain text.
 */
export type LatchkeyStorage = {
  getItem(name: string): string | null | Promise<string | null>
  setItem(name: string, value: string): void | Promise<void>
  removeItem(name: string): void | Promise<void>
}

/** What is kept of a session; never an access token. */
export type Kept = {
  /** In body transport alone: in cookie transport no script ever sees it. */
  refreshToken?: string | undefined
  /** The session, which is no secret; another tab may have opened another one meanwhile. */
  sessionId?: string
  /** Names a refresh whose answer has not arrived. */
  refreshKey?: string
}

type WebStorage = {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

/**
 * Reads and writes the record of one server in a storage. What cannot be read counts as nothing.
 * @param baseUrl gives the record its name: no other server may ever get its token
 */
export function createKeeper(storage: LatchkeyStorage, baseUrl: string) {
  // Only what every storage takes in a name; Keychain and Keystore are the strictest.
  const name = `latchkey.${baseUrl.replace(/[^\w.-]+/g, '_')}`
  return {
    async read(): Promise<Kept> {
      const text = await storage.getItem(name)
      return (text ? parsed(text) : undefined) ?? {}
    },
    write: async (kept: Kept) => storage.setItem(name, JSON.stringify(kept)),
    clear: async () => storage.removeItem(name),
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
