import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { NotFound } from '../../platform/errors/table.ts'
import { lazy } from '../../platform/lazy.ts'
import { addVary } from './vary.ts'

export type Asset = {
  type: string
  content: string | Buffer
  /** Five minutes for everybody, unless it says otherwise. */
  cacheControl?: string
}
type Coding = 'br' | 'gzip' | 'identity'
type Encoded = { body: Buffer; etag: string }

/** Higher qualities take seconds for the script of Swagger UI, and save little. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
const codings: Record<Coding, (content: Buffer) => Promise<Buffer>> = {
  br: (content) => promisify(brotliCompress)(content, BROTLI),
  gzip: promisify(gzip),
  identity: async (content) => content,
}
const preferred = Object.keys(codings)

/**
 * Serves static assets, compressed for each coding at first use; another name is a NotFound. What
 * `send` resolves to says nothing: a reply that is awaited becomes undefined once it is sent.
 */
export function createCompressed(assets: ReadonlyMap<string, () => Asset | Promise<Asset>>) {
  const kept = new Map<string, () => Promise<Encoded>>()

  async function encode(coding: Coding, { content }: Asset): Promise<Encoded> {
    const plain = Buffer.from(content)
    const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
    const etag = coding === 'identity' ? `"${hash}"` : `"${hash}-${coding}"`
    return { body: await codings[coding](plain), etag }
  }

  async function send(request: FastifyRequest, reply: FastifyReply, name: string) {
    const load = assets.get(name)
    if (load === undefined) throw NotFound()
    const asset = await load()
    const coding = codingFor(request)
    const key = `${coding} ${name}`
    const encoded = kept.get(key) ?? lazy(() => encode(coding, asset))
    kept.set(key, encoded)
    const { body, etag } = await encoded()
    const { type, cacheControl = 'public, max-age=300' } = asset
    reply.headers({ 'cache-control': cacheControl, etag }).type(type)
    addVary(reply, 'accept-encoding')
    if (isKnown(request, etag)) return reply.code(304).removeHeader('content-type').send()
    if (coding !== 'identity') reply.header('content-encoding', coding)
    return reply.send(body)
  }

  return { send }
}

/** The best coding for the client (RFC 9110 12.5.3); of equal ones, the smallest. */
function codingFor({ raw }: FastifyRequest): Coding {
  if (raw.headers['accept-encoding'] === undefined) return 'identity'
  const negotiator = new Negotiator(raw) as unknown as {
    encoding: (available: string[], options: object) => string | undefined
  }
  return (negotiator.encoding(preferred, { preferred }) ?? 'identity') as Coding
}

function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const tags = headers['if-none-match']
  return tags !== undefined && (tags === '*' || tags.match(/"[^"]*"/g)?.includes(etag) === true)
}
