import { type FormOptions, MULTIPART, PASSED_OVER, URLENCODED } from '../../http/forms.ts'
import { exampleOf, type Schema } from './document-examples.ts'

const described: Record<string, string> = {
  submit: 'A submit button; passed over.',
  commit: 'A submit button; passed over.',
}

/** The body of a route that takes forms beside JSON, with what a form may hold more. */
export function withForms(body: Schema, { grantType }: FormOptions) {
  const form = { schema: formOf(body, grantType) }
  const content = { 'application/json': { schema: body }, [URLENCODED]: form, [MULTIPART]: form }
  return { content }
}

function formOf(body: Schema, grantType: string | undefined): Schema {
  const grant = grantType === undefined ? {} : { grant_type: grantTypeSchema(grantType) }
  const extra = PASSED_OVER.map((name) => [name, passedOver(name)])
  return {
    ...body,
    title: `${body.title}Form`,
    description: 'The same fields as in JSON. An optional field that is empty is an absent one.',
    properties: { ...body.properties, ...grant, ...Object.fromEntries(extra) },
    example: exampleOf(body, `${body.title}`),
  }
}

function grantTypeSchema(grantType: string): Schema {
  return { type: 'string', enum: [grantType], description: 'Of OAuth 2 clients; may be missing.' }
}

function passedOver(name: string): Schema {
  return { type: 'string', description: described[name] ?? 'Of OAuth 2 clients; passed over.' }
}
