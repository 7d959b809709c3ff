/** Calls listeners by name. An error in one is reported as uncaught and stops no other. */
export function createEvents<Events extends Record<string, unknown>>() {
  const listeners = new Map<keyof Events, Set<(detail: never) => void>>()

  return {
    /** @returns a function that removes the listener */
    on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void) {
      const others = listeners.get(name) ?? new Set()
      listeners.set(name, others.add(listener))
      return () => void others.delete(listener)
    },
    emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(detail as never)
        } catch (error) {
          setTimeout(() => {
            throw error
          })
        }
      }
    },
  }
}
