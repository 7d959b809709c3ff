const listeners = new Set<() => void>()

/** Calls the listener whenever something that a person began has come to its end. */
export function onSettled(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Tells that it has, well or badly. */
export function settled(): void {
  for (const listener of listeners) listener()
}
