import { setTimeout as sleep } from 'node:timers/promises'
import { Prisma } from '../../src/generated/sqlite/client.ts'
import type { Database } from '../../src/platform/database/database.ts'
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

/**
 * The text of every row of every table, and how many mails there were; JSON has no big integers.
 */
export async function digestOf(server: Pick<TestServer, 'database' | 'services'>): Promise<string> {
  const { database, services } = server
  await services.audit.written()
  return `${await countMails(server)} mails\n${await textOf(database.client, models)}`
}

/** All mails so far, once none waits any more. */
async function countMails({ services }: Pick<TestServer, 'services'>): Promise<number> {
  for (;;) {
    const { waiting, sent, failed, dropped } = await services.mail.figures()
    if (waiting === 0) return sent + failed + dropped
    await sleep(5)
  }
}

/** The text of every row that somebody owns; not of photos that wait for their removal. */
export function digestOfOwned({ database: { client } }: TestServer): Promise<string> {
  const hasOwner = (model: Prisma.ModelName) => 'ownerId' in Prisma[`${model}ScalarFieldEnum`]
  const others: Prisma.ModelName[] = ['Factor', 'Identity']
  const owned = models.filter((model) => hasOwner(model) || others.includes(model))
  return textOf(client, owned)
}

const models = Object.values(Prisma.ModelName)

async function textOf(client: Database, names: Prisma.ModelName[]): Promise<string> {
  const texts: string[] = []
  for (const name of names) {
    const table = client[uncapitalized(name)] as { findMany(): Promise<{ houseId?: unknown }[]> }
    const rows = (await table.findMany()).filter(({ houseId }) => houseId !== null)
    texts.push(...rows.map((row) => `${name} ${JSON.stringify(row, plain)}`))
  }
  return texts.sort().join('\n')
}

const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)

function uncapitalized<Name extends string>(name: Name): Uncapitalize<Name> {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}` as Uncapitalize<Name>
}
