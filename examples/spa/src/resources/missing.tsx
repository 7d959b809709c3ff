import { LatchkeyError } from '@latchkey/client'
import type { VNode } from 'preact'
import { NotFoundPage } from '../pages/not-found.tsx'

/** The page, or that there is none: deleted, of somebody else, or a mistyped address. */
export function MissingOr({ error, children }: { error: unknown; children: VNode }) {
  const isMissing = error instanceof LatchkeyError && [400, 404].includes(error.status)
  return isMissing ? <NotFoundPage /> : children
}
