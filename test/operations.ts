import type { TestServer } from './helper.ts'

/** One operation of the server's own document, such as `POST /houses/{id}/photos`. */
export type Operation = {
  line: string
  /** The fields of its JSON body that are not read-only; none where it takes no such body. */
  fields: string[]
}

type Schema = { properties?: Record<string, { readOnly?: boolean }>; $ref?: string }
type Documented = { requestBody?: { content: Record<string, { schema: Schema }> } }
type Document = {
  paths: Record<string, Record<string, Documented>>
  components: { schemas: Record<string, Schema> }
}

/** All operations of the server, as `/openapi.json` has them. */
export async function operationsOf(server: TestServer): Promise<Operation[]> {
  const { paths, components } = (await server.inject({ url: '/openapi.json' })).json<Document>()
  const named = (schema: Schema) =>
    components.schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody }]) => {
      const { properties = {} } = named(requestBody?.content['application/json']?.schema ?? {})
      const fields = Object.keys(properties).filter((name) => !properties[name]?.readOnly)
      return { line: `${method.toUpperCase()} ${path}`, fields }
    }),
  )
}

/** The text of every row of every table. */
export async function digestOf({ database: { client } }: TestServer): Promise<string> {
  return JSON.stringify([
    await client.user.findMany(),
    await client.session.findMany(),
    await client.signInFailures.findMany(),
    await client.house.findMany(),
    await client.photo.findMany(),
    await client.idempotentRequest.findMany(),
    await client.auditEvent.findMany(),
    await client.signingKey.findMany(),
  ])
}
