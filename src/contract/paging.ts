import { type TObject, Type } from 'typebox'
import type { Texts } from '../languages/en/texts.ts'
import { hint } from './refinements.ts'
import { nullable, strictObject } from './schema.ts'

// Parameters and answers of lists by cursor.

const CURSOR = 'v1.5KUnJcN2x1f0S3bXqk5m2w'

export const digits = (
  pattern: string,
  form: keyof Texts['hints'],
  options: { description: string; example: string },
) => Type.Optional(Type.String({ pattern, ...hint(form), ...options }))

/** @param names such as `Houses` */
export const pageSize = (names: string) =>
  digits('^([1-9][0-9]?|100)$', 'size', {
    description: `${names} on a page, 1 to 100; 20 by default.`,
    example: '20',
  })

export const cursor = (description: string) =>
  Type.Optional(Type.String({ maxLength: 4096, description, example: CURSOR }))

export const items = <View extends TObject>(view: View, description: string) =>
  Type.Array(view, { maxItems: 100, description })

/** A part of a list, and where the next one begins. */
export const cursorPage = <View extends TObject>(
  view: View,
  { names, ...options }: { names: string; title: string; description: string },
) =>
  strictObject(
    {
      items: items(view, `The ${names}.`),
      nextCursor: nullable(
        Type.String({
          description: 'Send it as `cursor` to get more. Null at the end of the list.',
          example: CURSOR,
        }),
      ),
    },
    options,
  )
