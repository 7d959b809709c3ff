import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { CHARACTERS, hint } from './refinements.ts'

// Building blocks of schemas. Objects take no unknown fields, strings are bounded.

/** An object that takes the named fields and no others. */
export function strictObject<P extends TProperties>(
  properties: P,
  options: Record<string, unknown> = {},
): TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

/**
 * A body that may also hold the other members of the view, ignored and marked `readOnly`: clients
 * read an object, change it and send it whole. Of its options only `title` and `description` stay.
 *
 *     const NoteChanges = withReadOnly(NoteView, strictObject({ text }, { title: 'NotePatch' }))
 */
export function withReadOnly<P extends TProperties>(view: TObject, body: TObject<P>): TObject<P> {
  const { properties, title, description } = body as TObject<P> & Record<string, unknown>
  const others = Object.entries(view.properties).filter(([name]) => !(name in properties))
  const readOnly = others.map(([name, { [RARE]: _, ...member }]: [string, Rare]) => [
    name,
    Type.Optional(Type.Unsafe({ ...member, readOnly: true })),
  ])
  const all = { ...properties, ...(Object.fromEntries(readOnly) as object) }
  return strictObject(all, { title, description }) as TObject<P>
}

/** RFC 3339 in UTC with milliseconds. For answers. */
export const timestamp = (description: string, example: string | null) =>
  Type.String({ format: 'date-time', description, example })

/** Fields that the server keeps of every resource. */
export const versionFields = {
  version: Type.Integer({
    minimum: 1,
    description: 'Increases by one with each change. The ETag names it.',
    example: 1,
  }),
  createdAt: timestamp('When it was created.', '2026-11-20T10:04:30.250Z'),
  updatedAt: timestamp('When it was last changed.', '2026-11-20T10:04:30.250Z'),
}

type TextOptions = { min?: number; hasLines?: boolean; description?: string; example?: string }

/**
 * Unicode without lone surrogates and control characters, except line breaks and tabs where it
 * `hasLines`. @param max in code points
 */
export function text(max: number, { min = 0, hasLines = false, ...options }: TextOptions = {}) {
  return Type.String({
    minLength: min,
    maxLength: max,
    [CHARACTERS]: hasLines ? 'lines' : 'line',
    ...hint('line'),
    ...options,
  })
}

/** Marks a member that is in few responses, so that examples leave it out. */
export const RARE = 'x-rare'
type Rare = TSchema & { [RARE]?: boolean }

/** The schema, or null. It only widens `type`, which gives clearer issues than a union. */
export function nullable<T extends TSchema>(schema: T) {
  const { type } = schema as T & { type: string }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'] })
}

/** One of a few words. */
export function oneOf<const T extends string>(values: readonly T[], options: object = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options })
}

type Header = { type: 'string'; description: string; example: string }

/** The schema of one response, with what the document says of it beside the body. */
export function response<T extends TSchema>(
  schema: T,
  description: string,
  headers: Record<string, Header> = {},
): T {
  return { ...schema, 'x-response-description': description, headers }
}
