import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { TestServer } from './helper.ts'

// The document of the server, as tests read it.

export type Media = {
  schema: object
  example?: unknown
  examples?: Record<string, { summary?: string; value: unknown }>
}
export type Response = {
  description: string
  content?: Record<string, Media>
  headers?: Record<string, { description?: string; schema: object; example?: unknown }>
}
export type Parameter = {
  in: string
  name: string
  required: boolean
  description?: string
  schema: { examples?: unknown[] }
  example?: unknown
}
export type Operation = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: object[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Response>
}
export type Document = {
  openapi: string
  info: { version: string; description: string }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<'schemas' | 'responses' | 'headers' | 'examples', Record<string, object>>
}

export const PROBLEM_TYPE = 'application/problem+json'

/** `openapi.yaml` of the repository. */
export function fileText(): string {
  return readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')
}

/** The document with its references resolved. */
export async function documentOf({ inject }: Pick<TestServer, 'inject'>): Promise<Document> {
  return inlined((await inject({ url: '/openapi.json' })).json())
}

let inFile: Document | undefined

/** The same from the file, which a test holds to what the server answers. */
export function fileDocument(): Document {
  inFile ??= inlined<Document>(parse(fileText()))
  return inFile
}

/** Every operation of the document with its method and path. */
export function operationsIn({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const line = `${method.toUpperCase()} ${path}`
      return { line, method: method.toUpperCase() as 'GET', path, operation }
    }),
  )
}

/** The operations that have parameters in their query, such as `GET /houses`. */
export function linesWithQuery(document: Document): string[] {
  return operationsIn(document)
    .filter(({ operation }) => operation.parameters?.some((parameter) => parameter.in === 'query'))
    .map(({ line }) => line)
}

/** The codes of the errors that an answer may have. */
export function codesOf(response: Response | undefined): string[] {
  return Object.keys(response?.content?.[PROBLEM_TYPE]?.examples ?? {})
}

/** The example of a body, or the first of several. */
export function firstExample(media: Media | undefined): Record<string, string> | undefined {
  const [named] = Object.values(media?.examples ?? {})
  return (named?.value ?? media?.example) as Record<string, string> | undefined
}

function inlined<T>(document: T): T {
  const follow = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(follow)
    if (typeof value !== 'object' || value === null) return value
    if ('$ref' in value) return follow(target(String(value.$ref)))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, follow(inner)]))
  }
  const target = (reference: string): unknown => {
    const names = reference.replace('#/', '').split('/')
    return names.reduce((at: unknown, name) => (at as Record<string, unknown>)[name], document)
  }
  return follow(document) as T
}
