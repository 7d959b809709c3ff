type Crypto = { randomUUID?: () => string }

/**
 * A name that no other request has. It need not be a secret, so platforms without Web Crypto (React Native,
 * pages without https) do without.
 */
export function randomKey(): string {
  const { crypto } = globalThis as { crypto?: Crypto }
  return crypto?.randomUUID?.() ?? [0, 0].map(() => Math.random().toString(36).slice(2)).join('-')
}
