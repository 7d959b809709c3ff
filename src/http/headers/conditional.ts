import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { hint } from '../../contract/refinements.ts'
import type { Versions } from '../../platform/database/versions.ts'

// Conditional requests (RFC 9110 13) for resources whose rows count their versions.

const ENTITY_TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'

// A list may have empty elements (RFC 9110 5.6.1.2). Its length keeps it within one statement.
const Condition = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: 1024,
      pattern: `^(?:\\*|[ \\t,]*${ENTITY_TAG}(?:[ \\t]*,[ \\t,]*${ENTITY_TAG})*[ \\t,]*)$`,
      description,
      ...hint('entityTags'),
      example: '"1"',
    }),
  )

export const ReadConditions = Type.Object({
  'if-none-match': Condition('The answer is 304 when the resource still has one of these ETags.'),
})

export const WriteConditions = Type.Object({
  'if-match': Condition('Write only if the resource still has one of these ETags, else 412.'),
  'if-none-match': Condition('Write only if the resource has none of these ETags, else 412.'),
})

type Conditions = { 'if-match'?: string | undefined; 'if-none-match'?: string | undefined }

/** Gives each answer that has a `version` its ETag. */
export function nameVersions(app: FastifyInstance): void {
  app.addHook('preSerialization', async (_request, reply, payload) => {
    if (hasVersion(payload)) reply.header('etag', `"${payload.version}"`)
    return payload
  })
}

/** Does so, and answers a read that has this version already with 304 and no body. */
export function answerVersions(app: FastifyInstance): void {
  nameVersions(app)
  app.addHook('onSend', async ({ method, headers }, reply, payload) => {
    const isRead = method === 'GET' || method === 'HEAD'
    if (!isRead || !isUnchanged(headers, String(reply.getHeader('etag')))) return payload
    reply.code(304).removeHeader('content-type')
    // Fastify's own hook for HEAD needs a payload, which it then drops.
    return method === 'HEAD' ? payload : null
  })
}

function hasVersion(payload: unknown): payload is { version: number } {
  return typeof payload === 'object' && payload !== null && 'version' in payload
}

/** The versions that the headers ask for. */
export function versionsFor(headers: Conditions): Versions {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  return {
    ...(match === undefined || match === '*' ? {} : { in: versionsIn(match) }),
    ...(noneMatch === undefined ? {} : unless(noneMatch)),
  }
}

/** `*` rules out every version there is. */
function unless(noneMatch: string): Versions {
  return noneMatch === '*' ? { in: [] } : { notIn: versionsIn(noneMatch) }
}

/** At most nine digits, which fit every integer column. */
const VERSION = /^"[1-9]\d{0,8}"$/

function versionsIn(tags: string): number[] {
  const versions = tagsIn(tags).filter((tag) => VERSION.test(tag))
  return versions.map((tag) => Number(tag.slice(1, -1)))
}

/**
 * Suffixes of proxies that compress: `-gzip` (Apache, Caddy), `--gzip` (Jetty), `;gz` (LiteSpeed).
 */
const CODING = /(?:--?|[;:])(?:x-)?(?:gzip|gz|br|brotli|zstd|zst|deflate)(?="$)/i

/** Tags of a list. Weak ones count in If-Match, against RFC 9110 13.1.1: proxies make them. */
function tagsIn(list: string): string[] {
  return (list.match(/"[^"]*"/g) ?? []).map((tag) => tag.replace(CODING, ''))
}

/** Whether If-None-Match names the tag, so that a read answers 304. */
export function isUnchanged({ 'if-none-match': tags }: Conditions, etag: string): boolean {
  if (tags === undefined) return false
  return tags === '*' || tagsIn(tags).includes(etag)
}
