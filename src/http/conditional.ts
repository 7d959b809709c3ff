import { Type } from 'typebox'
import type { Versions } from '../platform/versions.ts'

// Conditional requests (RFC 9110 13) for resources whose rows count their versions.

const ENTITY_TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'
const hint = 'Send * or entity tags as ETag gave them, in their quotes, separated by commas.'

// A list may have empty elements (RFC 9110 5.6.1.2). Its length keeps it within one statement.
const Condition = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: 1024,
      pattern: `^(?:\\*|[ \\t,]*${ENTITY_TAG}(?:[ \\t]*,[ \\t,]*${ENTITY_TAG})*[ \\t,]*)$`,
      description,
      'x-hint': hint,
      example: '"1"',
    }),
  )

/** Headers of a request that reads. */
export const ReadConditions = Type.Object({
  'if-none-match': Condition('The answer is 304 when the resource still has one of these ETags.'),
})

/** Headers of a request that writes. */
export const WriteConditions = Type.Object({
  'if-match': Condition('Write only if the resource still has one of these ETags, else 412.'),
  'if-none-match': Condition('Write only if the resource has none of these ETags, else 412.'),
})

type Conditions = { 'if-match'?: string | undefined; 'if-none-match'?: string | undefined }

/** The strong entity tag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`
}

/** The versions that the headers ask for; a tag names its version, whatever a proxy has made of it. */
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

/** At most nine digits, which every integer column can be compared with. */
const VERSION = /^"[1-9]\d{0,8}"$/

function versionsIn(tags: string): number[] {
  const versions = tagsIn(tags).filter((tag) => VERSION.test(tag))
  return versions.map((tag) => Number(tag.slice(1, -1)))
}

/**
 * What proxies that compress add to a tag, inside its quotes: `-gzip` and `-br` (Apache, Caddy), `--gzip`
 * (Jetty), `;gz` and `;br` (LiteSpeed). Others, nginx among them, only make it a weak one.
 */
const CODING = /(?:--?|[;:])(?:x-)?(?:gzip|gz|br|brotli|zstd|zst|deflate)(?="$)/i

/**
 * The tags of a list as ETag gave them. Weak ones count in If-Match, too, against RFC 9110 13.1.1: behind a
 * proxy that compresses, a client has no other, and the version says which bytes are meant.
 */
function tagsIn(list: string): string[] {
  return (list.match(/"[^"]*"/g) ?? []).map((tag) => tag.replace(CODING, ''))
}

/** Whether If-None-Match names the entity tag, so that a read answers 304 without a body. */
export function isUnchanged({ 'if-none-match': tags }: Conditions, etag: string): boolean {
  if (tags === undefined) return false
  return tags === '*' || tagsIn(tags).includes(etag)
}
