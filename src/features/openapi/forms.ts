import { type FormOptions, MULTIPART, PASSED_OVER, URLENCODED } from '../../http/body/forms.ts'
import { exampleOf, type Schema } from './examples.ts'

const described: Record<string, string> = {
  submit: 'A submit button; ignored.',
  commit: 'A submit button; ignored.',
}

/** Body of a route that also accepts forms, with the extra fields of forms. */
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
    description: 'The same fields as in JSON. An empty optional field counts as absent.',
    properties: { ...body.properties, ...grant, ...Object.fromEntries(extra) },
    example: exampleOf(body, `${body.title}`),
  }
}

function grantTypeSchema(grantType: string): Schema {
  return {
    type: 'string',
    enum: [grantType],
    description: 'Sent by OAuth 2 clients; may be absent.',
  }
}

function passedOver(name: string): Schema {
  return { type: 'string', description: described[name] ?? 'Sent by OAuth 2 clients; ignored.' }
}
