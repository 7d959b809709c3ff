import type { Method } from '../../contract/challenge.ts'
import type { Issue } from '../../platform/errors/api-error.ts'
import { ValidationFailed } from '../../platform/errors/table.ts'
import type { Challenge } from './challenge.ts'
import type { AnswerFields, Purpose } from './purpose.ts'

/** The answer to a challenge, as it was sent. */
export type AnswerRequest = {
  challenge: string
  method: Method
  code?: string
  password?: string
  credential?: object
  codeVerifier?: string
  key?: string | undefined
} & AnswerFields

/** The field that holds the proof of each method. */
export const proofFields = {
  passkey: 'credential',
  totp: 'code',
  recovery_code: 'code',
  mail_code: 'code',
  password: 'password',
  oidc: 'codeVerifier',
} as const satisfies Record<Method, keyof AnswerRequest>

export function proofOf(request: AnswerRequest): string {
  const proof = request[proofFields[request.method]] ?? ''
  return typeof proof === 'string' ? proof : JSON.stringify(proof)
}

const answerFields = [
  'newPassword',
  'name',
  'trustDevice',
  'username',
] as const satisfies readonly (keyof AnswerFields)[]

/**
 * Checks what only the contents of the challenge can tell. Nothing is used up.
 * @throws ValidationFailed naming fields that are missing or too many
 */
export function requireFields(
  request: AnswerRequest,
  { methods }: Challenge,
  { takes = {} }: Purpose,
): void {
  const issues: Issue[] = []
  if (!methods.includes(request.method)) {
    issues.push({
      pointer: '/method',
      code: 'not_allowed',
      detail: ({ fields }) => fields.unknownMethod,
    })
  }
  for (const name of answerFields) {
    const isSent = request[name] !== undefined
    if (isSent && takes[name] === undefined) issues.push(notAllowed(name))
    if (!isSent && takes[name] === 'required') issues.push(required(name))
  }
  if (issues.length > 0) throw ValidationFailed({ errors: issues })
}

export const required = (name: string): Issue => ({
  pointer: `/${name}`,
  code: 'required',
  detail: ({ fields }) => fields.required,
})

export const notAllowed = (name: string): Issue => ({
  pointer: `/${name}`,
  code: 'not_allowed',
  detail: ({ fields }) => fields.noMeaning,
})
