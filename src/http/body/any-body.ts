import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify'
import { BODY_LIMIT } from '../limits.ts'
import { MULTIPART, readMultipart, readUrlencoded } from './forms.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Accepts any body; all but the fields of the schema is ignored. */
    anyBody?: boolean
  }
}

type Fields = Record<string, unknown>

/**
 * Lets the routes of this scope accept any body: JSON or a form, with any Content-Type. Handlers
 * see only known fields of the right type.
 */
export function acceptAnyBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, anyBody: true }
  })
  scope.addHook('onRequest', (request, reply, done) => {
    // Do not read a huge body only to keep the connection.
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

/** The body; nothing if it exceeds the limit or ends early. Discards the rest. */
async function readStart(payload: RequestPayload): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Keep the stream: the connection carries the response and the next request.
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

async function fieldsOf(bytes: Buffer): Promise<Fields> {
  for (const read of [readJson, readMultipartBySight, readUrlencoded]) {
    try {
      return await read(bytes)
    } catch {
      // Try the next reader.
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

/** The fields of the schema that are texts of the right length. */
function known(fields: Fields, { routeOptions }: FastifyRequest): Fields {
  const { properties = {} } = (routeOptions.schema?.body ?? {}) as BodySchema
  const entries = Object.entries(properties).flatMap(([name, { maxLength = Infinity }]) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    return typeof value === 'string' && value.length <= maxLength ? [[name, value]] : []
  })
  return Object.fromEntries(entries)
}
