import type { CHARACTERS, TRIM } from '../../contract/refinements.ts'
import { RARE } from '../../contract/schema.ts'

/** The parts of a schema that examples need. */
export type Schema = {
  type?: string | string[]
  title?: string
  description?: string
  example?: unknown
  'x-hint'?: string
  [TRIM]?: boolean
  [CHARACTERS]?: string
  [RARE]?: boolean
  enum?: unknown[]
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  additionalProperties?: Schema | boolean
  readOnly?: boolean
}

/** An example with some members changed or left out. */
export type Variant = {
  summary: string
  set?: Record<string, unknown>
  omit?: readonly string[]
}

type Examples = { example: unknown } | { examples: Record<string, object> }

/**
 * Example of a body, built from those of its parts.
 * @param location names the body in the error message, such as `login 200`
 * @throws Error naming the part without an example
 */
export function exampleOf(schema: Schema, location: string): unknown {
  if (schema.example !== undefined) return schema.example
  if (schema.enum?.length === 1) return schema.enum[0]
  if (schema.items) return [exampleOf(schema.items, `${location}[]`)]
  if (!schema.properties) throw new Error(`The document has no example for ${location}.`)
  // Read-only members are in no request, and rare ones in few responses.
  const members = Object.entries(schema.properties).filter(
    ([, member]) => !member.readOnly && !member[RARE],
  )
  return Object.fromEntries(
    members.map(([name, member]) => [name, exampleOf(member, `${location}.${name}`)]),
  )
}

/** One example of a body, or several by name. */
export function examplesOf(
  schema: Schema,
  location: string,
  variants?: Record<string, Variant>,
): Examples {
  if (schema.anyOf) return { examples: byBranch(schema.anyOf, location) }
  const example = exampleOf(schema, location)
  if (variants === undefined) return { example }
  const named = Object.entries(variants).map(([name, { summary, set, omit = [] }]) => {
    const all = Object.entries({ ...(example as object), ...set })
    return [
      name,
      { summary, value: Object.fromEntries(all.filter(([key]) => !omit.includes(key))) },
    ]
  })
  return { examples: Object.fromEntries(named) }
}

/** The title names each alternative. */
function byBranch(branches: Schema[], location: string): Record<string, object> {
  return Object.fromEntries(
    branches.map((branch) => {
      const { title = '', description: summary = title } = branch
      return [title, { summary, value: exampleOf(branch, `${location} ${title}`) }]
    }),
  )
}
