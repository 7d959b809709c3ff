import type { GivenProof, Proven } from '../challenges/purpose.ts'

/** Checks one kind of factor. @returns undefined for a wrong proof */
export type FactorProof = (given: GivenProof) => Promise<Proven | undefined>

/** The ways to prove a factor, by the names of their methods. */
export type FactorProofs = {
  readonly [Name in 'passkey' | 'totp' | 'recovery_code']?: FactorProof
}
