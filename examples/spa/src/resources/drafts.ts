import { latchkey } from '../latchkey.ts'

// What was typed and not saved. It outlives a reload, the back button and the end of a session,
// in this tab only, and only the person who typed it gets it back.

/** The version that the form began with, and what it holds. */
export type Draft<Values> = { version: number; values: Values }

const PREFIX = 'draft '
const keyOf = (name: string) => `${PREFIX}${latchkey.user?.id} ${name}`

/** @param name of the form, such as the id of what it changes */
export function readDraft<Values>(name: string): Draft<Values> | undefined {
  const text = tried(() => sessionStorage.getItem(keyOf(name)))
  return text ? (JSON.parse(text) as Draft<Values>) : undefined
}

/** Takes the place of an earlier one. */
export function keepDraft<Values>(name: string, draft: Draft<Values>): void {
  tried(() => sessionStorage.setItem(keyOf(name), JSON.stringify(draft)))
}

/** Once it is sent, or dropped. */
export function forgetDraft(name: string): void {
  tried(() => sessionStorage.removeItem(keyOf(name)))
}

/** For a sign-out by hand: the next person at this tab finds nothing. */
export function forgetDrafts(): void {
  const names = tried(() => Object.keys(sessionStorage)) ?? []
  for (const name of names) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
}

/** Without room, or where the browser forbids it, what was typed stays in the form alone. */
function tried<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
