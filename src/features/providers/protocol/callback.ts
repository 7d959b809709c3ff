import { AccessDenied, type Attempt, CallbackRefused } from './protocol.ts'
import { printable, Unusable } from './unusable.ts'

/** Of Microsoft they may have some kilobytes. */
const CODE_MAX = 8192
/** The person, or a rule about the person, has said no (RFC 6749, OpenID Connect Core, Apple). */
const DENIALS = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
  'user_cancelled_authorize',
])

/** A callback that belongs to the attempt by its `state`. */
export type Callback = Record<'code' | 'error' | 'iss', string | undefined>

/** @throws CallbackRefused */
export function readCallback(parameters: URLSearchParams, attempt: Attempt): Callback {
  if (only(parameters, 'state') !== attempt.state) throw new CallbackRefused('state_wrong')
  return {
    code: only(parameters, 'code'),
    error: only(parameters, 'error'),
    iss: only(parameters, 'iss'),
  }
}

/** RFC 6749 3.1: none may come twice. */
function only(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = parameters.getAll(name)
  if (others.length > 0) throw new CallbackRefused('parameter_repeated')
  return value
}

/** The code, where the provider has signed the person in. Its `iss` was checked before. */
export function codeOf({ code, error }: Callback): string {
  if (error !== undefined) throw refusal(error)
  if (code === undefined || code === '' || code.length > CODE_MAX)
    throw new CallbackRefused('code_missing')
  return code
}

/** `description` and `uri` of the error are not taken: anybody could have written them. */
function refusal(error: string): Error {
  if (DENIALS.has(error)) return new AccessDenied(error)
  return new Unusable(`the provider sent the browser back with the error ${printable(error)}`)
}
