import { useEffect, useState } from 'preact/hooks'

/** A value that components follow, wherever it is changed. */
export type Store<Value> = {
  get(): Value
  set(value: Value): void
  /** @returns a function that ends it */
  follow(listener: () => void): () => void
}

export function createStore<Value>(value: Value): Store<Value> {
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    follow(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The value, and a new rendering whenever it changes. */
export function useStore<Value>(store: Store<Value>): Value {
  const [, render] = useState(0)
  const shown = store.get()
  useEffect(() => {
    const again = () => render((count) => count + 1)
    const stop = store.follow(again)
    // It may have changed between that rendering and this effect.
    if (!Object.is(shown, store.get())) again()
    return stop
  }, [store])
  return shown
}
