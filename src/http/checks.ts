import type { TSchema } from 'typebox'
import type { Fault } from '../platform/errors.ts'

/** The ajv keyword that holds the checks of a schema; the document never shows it. */
export const CHECKS = 'x-checks'

/**
 * The ajv keyword that names the characters that a string may have. A `pattern` cannot say it: to tell broken
 * Unicode it needs the flag `u`, and code that is made from the document leaves the flag out.
 */
export const CHARACTERS = 'x-characters'

/** The ajv keyword of a string whose white space around it is taken off. */
export const TRIM = 'x-trim'

/** `wellFormed`: no lone surrogates. `line`: no control characters either. */
export const characterRules = {
  wellFormed: /^\P{Cs}*$/u,
  line: /^[^\p{Cc}\p{Cs}]*$/u,
} as const

/**
 * Rules that JSON Schema cannot say: across fields, or in code. They see any object that was sent, so
 * they must cope with missing fields and wrong types, and leave those to the schema.
 */
export type Check = (value: Record<string, unknown>) => Fault[]

/**
 * A copy of the schema with checks, whose faults are reported together with those of the schema.
 *
 *     const Register = withChecks(Type.Object({ … }), (body) => passwordFaults(body))
 *
 * The property is not enumerable, so that documents and copies of the schema are free of it.
 */
export function withChecks<T extends TSchema>(schema: T, check: Check): T {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as T
  return Object.defineProperty(copy, CHECKS, { value: check, enumerable: false })
}
