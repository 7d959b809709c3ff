const NAME = 'latchkey.at-provider'

/** What has to be known when the browser is back from a provider. */
type Kept = {
  /** Of a new account. */
  username?: string
  /** The page to go to. */
  next?: string
}

/** Keeps it in this tab. */
export function keep(kept: Kept): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(kept))
  } catch {
    // The server makes a username, and the first page follows.
  }
}

export function kept(): Kept {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? '{}') as Kept
  } catch {
    return {}
  }
}
