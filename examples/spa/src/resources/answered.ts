import { LatchkeyError, type Problem } from '@latchkey/client'

type Answer<Data> = { data?: Data; error?: unknown; response: Response }

/**
 * The data of an answer of `latchkey.api`, for forms and lists, which show what is thrown.
 * @throws LatchkeyError
 */
export async function answered<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call
  if (response.ok) return data as Data
  if (isProblem(error)) throw new LatchkeyError(error)
  // A proxy answered with a page of its own.
  throw new Error(`The answer was ${response.status}.`)
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error
}

/** Whether the server has refused with this code. */
export function hasCode(error: unknown, code: Problem['code']): error is LatchkeyError {
  return error instanceof LatchkeyError && error.code === code
}
