type Crypto = { randomUUID?: () => string }

/** A unique key, not a secret: React Native and plain http have no Web Crypto. */
export function randomKey(): string {
  const { crypto } = globalThis as { crypto?: Crypto }
  return crypto?.randomUUID?.() ?? [0, 0].map(() => Math.random().toString(36).slice(2)).join('-')
}
