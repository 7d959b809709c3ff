import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify'
import { MULTIPART, readMultipart, readUrlencoded } from './forms.ts'
import { BODY_LIMIT } from './limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No body is refused: fields that the schema knows are looked for, all else is passed over. */
    anyBody?: boolean
  }
}

type Fields = Record<string, unknown>

/**
 * Lets the routes of this scope take whatever body comes, because what they do must not fail for it. The
 * fields of their schema are looked for in JSON and in forms, whatever Content-Type says; handlers see an
 * object without all that is unknown, broken, of another type, or in a body over the limit.
 */
export function acceptAnyBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, anyBody: true }
  })
  scope.addHook('onRequest', (request, reply, done) => {
    // What is passed over is not read for ever.
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT)
      reply.header('connection', 'close')
    request.headers['content-type'] = undefined
    request.headers['content-encoding'] = undefined
    done()
  })
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: RequestPayload) =>
    known(await fieldsOf(await readStart(payload)), request),
  )
  scope.addHook('preValidation', (request, _reply, done) => {
    request.body ??= {}
    done()
  })
}

/** The body, or nothing of one that is over the limit or breaks off; the rest of it is dropped as it comes. */
async function readStart(payload: RequestPayload): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // The stream stays whole, so that the connection can carry the answer and the next request.
    for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > BODY_LIMIT) break
      chunks.push(chunk)
    }
  } catch {
    size = Infinity
  }
  payload.resume()
  return size > BODY_LIMIT ? Buffer.alloc(0) : Buffer.concat(chunks)
}

/** What the first of the readers makes of the body that can read it. */
async function fieldsOf(bytes: Buffer): Promise<Fields> {
  for (const read of [readJson, readMultipartBySight, readUrlencoded]) {
    try {
      return await read(bytes)
    } catch {
      // It is of another kind.
    }
  }
  return {}
}

function readJson(bytes: Buffer): Fields {
  const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''))
  return Object(value) as Fields
}

/** The first line of a form with parts is its boundary. */
function readMultipartBySight(bytes: Buffer): Promise<Fields> {
  const [, boundary] = /^--([\w'()+,./:=? -]{1,70})\r\n/.exec(bytes.toString('latin1', 0, 80)) ?? []
  if (boundary === undefined) throw new Error('no form with parts')
  return readMultipart(bytes, `${MULTIPART}; boundary="${boundary}"`)
}

type BodySchema = { properties?: Record<string, { maxLength?: number }> }

/** The fields that the schema of the route has, as far as they are texts of its length. */
function known(fields: Fields, { routeOptions }: FastifyRequest): Fields {
  const { properties = {} } = (routeOptions.schema?.body ?? {}) as BodySchema
  const entries = Object.entries(properties).flatMap(([name, { maxLength = Infinity }]) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    return typeof value === 'string' && value.length <= maxLength ? [[name, value]] : []
  })
  return Object.fromEntries(entries)
}
