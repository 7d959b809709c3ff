import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// Runs the checked-in Postman collection, as Postman does, by newman.

type Variable = { key: string; value: string; type: string }
type Environment = { name: string; values: Variable[] }
type ItemRequest = { method: string; url: { path: string[] }; auth?: { type: string } }
export type Item = { name: string; description?: string; item?: Item[]; request?: ItemRequest }
export type Collection = { item: Item[]; variable: Variable[]; [member: string]: unknown }

/** As much of newman's summary as the tests look at; newman comes without types. */
type Summary = {
  environment: { values: { toJSON: () => Variable[] } }
  run: {
    failures: { error: { message: string }; source?: { name: string } }[]
  }
}
type Options = {
  collection: object
  environment?: object
  workingDir: string
  folder?: string[]
  iterationCount?: number
}
type Sent = {
  request: { method: string; url: { getPath: () => string } }
  response?: { code: number }
}
type Emitter = {
  on: ((event: 'item', listener: (error: unknown, told: { item: Item }) => void) => Emitter) &
    ((event: 'request', listener: (error: unknown, told: Sent) => void) => Emitter)
}
type Newman = {
  run: (options: Options, done: (error: Error | null, summary: Summary) => void) => Emitter
}

const postman = new URL('../../postman/', import.meta.url)

export const fileText = (name: string) => readFileSync(new URL(name, postman), 'utf8')
export const collection: Collection = JSON.parse(fileText('latchkey.postman_collection.json'))
export const environment: Environment = JSON.parse(fileText('latchkey.postman_environment.json'))

export type Run = {
  /** Each as `name of the request: what was wrong`; a request of a script has no name. */
  failures: string[]
  /** Names of the requests of the collection that were sent, in order. */
  items: string[]
  /** All that went over the network, scripts' own requests too, each as `GET /me 200`. */
  sent: string[]
  /** The variables of the environment afterwards. */
  variables: Record<string, string>
}

type Wish = {
  /** Names of requests or folders; all of them by default. */
  only?: string[]
  times?: number
  collection?: Collection
  /** Runs without the file of the environment. */
  bare?: boolean
}

/** Sends the requests of the collection, with these variables set. */
export function runCollection(
  variables: Record<string, string>,
  { only, times = 1, collection: given = collection, bare = false }: Wish = {},
): Promise<Run> {
  const values = environment.values.map((variable) => ({
    ...variable,
    value: variables[variable.key] ?? variable.value,
  }))
  const options = {
    collection: given,
    ...(bare ? {} : { environment: { ...environment, values } }),
    workingDir: fileURLToPath(postman),
    iterationCount: times,
    ...(only ? { folder: only } : {}),
  }
  // Loaded here, for it takes a third of a second.
  const require = createRequire(import.meta.url)
  const newman: Newman = require('newman')
  const items: string[] = []
  const sent: string[] = []
  return new Promise((resolve, reject) => {
    newman
      .run(options, (error, summary) =>
        error ? reject(error) : resolve({ ...outcomeOf(summary), items, sent }),
      )
      .on('item', (_error, { item }) => items.push(item.name))
      .on('request', (_error, { request, response }) =>
        sent.push(`${request.method} ${request.url.getPath()} ${response?.code ?? 'lost'}`),
      )
  })
}

function outcomeOf({ run, environment: after }: Summary) {
  return {
    failures: run.failures.map(
      ({ error, source }) => `${source?.name ?? 'a script'}: ${error.message}`,
    ),
    variables: Object.fromEntries(after.values.toJSON().map(({ key, value }) => [key, value])),
  }
}

/** The requests of the collection, top to bottom. */
export function requestsOf({ item }: { item: Item[] }): Item[] {
  return item.flatMap((one) => (one.item ? requestsOf({ item: one.item }) : [one]))
}

/** The method and the path of a request, as in the document: `GET /houses/{id}`. */
export function addressOf({ name, request }: Item): string {
  if (!request) throw new Error(`${name} is a folder`)
  const path = request.url.path.map((part) => part.replace(/^:(.+)$/, '{$1}'))
  return `${request.method} /${path.join('/')}`
}
