declare const brand: unique symbol

// Ids of rows, one type a table, so that two of them cannot be swapped. A string becomes one where
// it is checked (claims, parameters), where a row is read, and where a new id is made.
export type Id<Table extends string> = string & { readonly [brand]: Table }

export type UserId = Id<'User'>
export type SessionId = Id<'Session'>

/** The first 48 bits of an id are its time in milliseconds (UUIDv7, RFC 9562 5.7). */
export const TIME_DIGITS = 12

/** Where the ids of this time begin, in the order of ids. @param time in milliseconds */
export function firstIdAt(time: number): string {
  const digits = Math.max(0, time).toString(16).padStart(TIME_DIGITS, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
}
