import { UserId } from '../../contract/ids.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { strictObject } from '../../contract/schema.ts'

// What the schemas of all operations for administrators have in common.

export const shared = { tags: ['Administration'], security: signedInOnly }

export const UserParams = strictObject({ id: UserId })

/** Errors of every operation: outside ADMIN_NETWORKS all of it is 404. */
export const adminProblems = (...codes: string[]) =>
  errorResponses(...signedInProblems, 'forbidden', 'not_found', ...codes)

/** Errors of those that change something. */
export const writeProblems = (...codes: string[]) => adminProblems('step_up_required', ...codes)
