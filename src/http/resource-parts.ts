import type { TSchema } from 'typebox'
import { IdempotencyKey } from '../contract/ids.ts'

// Sentences, headers and examples that the operations of every resource have in the reference.

/** `House`, from `house`. */
export function nameOf({ noun }: { noun: string }): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1)
}

export const idempotencyKey = (noun: string) =>
  IdempotencyKey(
    `Names this request for 24 hours: a retry with the same key gets the same answer and creates no second ${noun}. A user may send at least 10,000 new keys a day (UTC); beyond the limit the answer is 429 \`rate_limited\`.`,
    `${noun}-4f9d2c7a`,
  )

export const header = (name: string, description: string, example: string) => ({
  [name]: { type: 'string', description, example } as const,
})

export const etag = (version: number) =>
  header('ETag', 'The version, for If-Match.', `"${version}"`)

export const changed = (noun: string) => ({
  [noun]: {
    summary: 'The next version',
    set: { version: 2, updatedAt: '2026-11-20T10:12:00.000Z' },
  },
})

export const ifMatch = (noun: string, otherwise: string) =>
  `With \`If-Match\`, ${otherwise} unless the ${noun} still has the version that you read.`

export function sentences(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ')
}

export const exampleOf = (id: TSchema) => String((id as { example?: unknown }).example)
