// What the rows of all tables share: the same values each time for the same number.

type Value = string | number | Date | null
/** One row; all rows of a table have the same columns. */
export type Row = Record<string, Value>
export type Table = { name: string; count: number; rowOf: (n: number) => Row }

export const DAY_MS = 86_400_000

/** A number that looks random (Knuth's multiplicative hash). */
export function scattered(n: number): number {
  return (Math.imul(n + 1, 2_654_435_761) >>> 0) >>> 3
}

/** A UUIDv7 of a moment and a number; the uuid package takes ten times as long. */
export function idAt(msecs: number, n: number): string {
  const time = hex(msecs, 12)
  const chance = hex(scattered(n), 8)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(1, 4)}-8${chance.slice(5)}-${hex(n, 12)}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** The row of a user as the server would have written it. */
export function userRow(id: string, username: string, createdAt: Date, passwordHash: string) {
  const email = `${username}@example.com`
  const names = { username, usernameKey: username, email, emailKey: email }
  return { id, ...names, passwordHash, createdAt, updatedAt: createdAt }
}
