import type { TSchema } from 'typebox'
import type { Texts } from '../languages/en/texts.ts'
import type { Issue } from '../platform/errors/api-error.ts'

// Keywords of schemas that are ours; the document shows none of them.

export const REFINEMENT = 'x-refinement'

/**
 * Names the characters of a string. A `pattern` cannot: broken Unicode shows only with the flag
 * `u`, which code made from the document leaves out.
 */
export const CHARACTERS = 'x-characters'

export const TRIM = 'x-trim'

const HINT = 'x-hint'

/** Names the form that a field asks for: what is said where a value does not have it. */
export const hint = (name: keyof Texts['hints']) => ({ [HINT]: name })

/**
 * `wellFormed`: no lone surrogates. `line`: no control characters either. `lines`: of these, tabs
 * and line breaks.
 */
export const characterRules = {
  wellFormed: /^\P{Cs}*$/u,
  line: /^[^\p{Cc}\p{Cs}]*$/u,
  lines: /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u,
} as const

/** Rules that JSON Schema cannot say. They leave missing fields and wrong types to the schema. */
export type Refinement = (value: Record<string, unknown>) => Issue[]

/**
 * A copy of the schema with a refinement, in a property that is not enumerable: documents omit it.
 *
 *     const Register = withRefinement(Type.Object({ … }), (body) => passwordIssues(body))
 */
export function withRefinement<T extends TSchema>(schema: T, refinement: Refinement): T {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as T
  return Object.defineProperty(copy, REFINEMENT, { value: refinement, enumerable: false })
}
