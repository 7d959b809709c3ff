import { LatchkeyError } from '@latchkey/client'

/** For a removal that was done already, perhaps by a request before, whose answer was lost. */
export function unlessGone(error: unknown): void {
  if (!(error instanceof LatchkeyError && error.code === 'not_found')) throw error
}
