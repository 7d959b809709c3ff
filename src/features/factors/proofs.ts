import type { GivenProof, Proven } from '../challenges/purpose.ts'

/** Checks one kind of factor. @returns undefined for a wrong proof */
export type FactorProof = (given: GivenProof) => Promise<Proven | undefined>

/** The ways to prove a factor, by the names of their methods. */
export type FactorProofs = {
  readonly [Name in 'passkey' | 'totp' | 'recovery_code']?: FactorProof
}

/** Two factors (RFC 8176). */
const TWO = 'mfa'

/**
 * How somebody has signed in, as the session keeps it: `pwd otp mfa`.
 * @param before what was proved before this proof, if anything
 */
export function amrOf(before: readonly string[], { amr }: Proven): string {
  const isPasskeyAlone = before.length === 0 && amr.includes('user')
  const isSecond = before.length > 0 || isPasskeyAlone
  return [...new Set([...before.filter((one) => one !== TWO), ...amr])]
    .concat(isSecond ? [TWO] : [])
    .join(' ')
}
