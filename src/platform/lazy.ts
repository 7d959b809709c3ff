/** Makes a value when it is first needed, and keeps it. What throws or rejects is tried again. */
export function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    if (made === undefined) {
      made = { value: make() }
      if (made.value instanceof Promise) made.value.catch(forget)
    }
    return made.value
  }

  function forget(): void {
    made = undefined
  }
}
