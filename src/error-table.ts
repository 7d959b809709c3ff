import { accessErrors, resourceErrors } from './contract/errors.ts'
import { FEATURES } from './features.ts'
import type { ErrorDefinition } from './platform/errors/api-error.ts'
import { commonErrors } from './platform/errors/table.ts'

const gathered: ErrorDefinition[] = [
  ...commonErrors,
  ...accessErrors,
  ...FEATURES.flatMap(({ errors = [] }) => errors),
  ...resourceErrors,
]

/** Every error of the server, by status, then as gathered. */
export const errorTable: readonly ErrorDefinition[] = gathered.sort(
  (one, other) => one.status - other.status,
)
