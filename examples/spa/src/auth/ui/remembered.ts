/** What this browser remembers, unless its settings forbid it. */
export const remembered = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  },
  set(name: string, value: string): void {
    try {
      localStorage.setItem(name, value)
    } catch {
      // It then holds until the page is closed.
    }
  },
}
