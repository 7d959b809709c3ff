import type { Text } from '../../languages/text.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { MalformedRequest } from '../../platform/errors/table.ts'
import { PART_HEADER_COUNT, PART_HEADER_LIMIT } from '../limits.ts'

/** Limits of the form parser: above ours, since it silently cuts what is longer. */
export const parserLimits = {
  headerPairs: 2 * PART_HEADER_COUNT,
  headerSize: 2 * PART_HEADER_LIMIT,
}

const LINE_END = '\r\n'
const HEAD_END = '\r\n\r\n'
const CLOSE = '--'

/**
 * Checks part headers (RFC 2046 5.1) as bytes pass; without a boundary, nothing.
 * @returns takes the next bytes. @throws MalformedRequest over 8 KiB or 16 lines of headers
 */
export function createHeadWatch(contentType: string): (chunk: Buffer) => void {
  let delimiter = delimiterOf(contentType)
  // The first delimiter needs no line before it.
  let rest = Buffer.from(LINE_END)
  let isInHead = false

  function skipToHead(delimiter: Buffer): boolean {
    const at = rest.indexOf(delimiter)
    isInHead = at >= 0
    // The delimiter may continue in the next bytes.
    rest = rest.subarray(isInHead ? at + delimiter.length : 1 - delimiter.length)
    return isInHead
  }

  /** @returns whether the head has ended, and more parts may follow */
  function readHead(): boolean {
    if (rest.toString('latin1', 0, CLOSE.length) === CLOSE) {
      delimiter = undefined
      return false
    }
    const end = rest.indexOf(HEAD_END)
    // The last bytes may begin the end.
    requireSmall(rest.subarray(0, end < 0 ? 1 - HEAD_END.length : end))
    isInHead = end < 0
    // The second line end may belong to the next delimiter, where a part is empty.
    if (end >= 0) rest = rest.subarray(end + LINE_END.length)
    return end >= 0
  }

  return (chunk) => {
    if (!delimiter) return
    rest = Buffer.concat([rest, chunk])
    while (delimiter && (isInHead ? readHead() : skipToHead(delimiter)));
  }
}

/** Refuses part headers that are too long or too many, rather than losing some. */
function requireSmall(head: Buffer): void {
  // Without the end of the delimiter's line.
  if (head.length > PART_HEADER_LIMIT + LINE_END.length) throw tooLong()
  if (head.toString('latin1').split(LINE_END).length > PART_HEADER_COUNT + 1) throw tooLong()
}

function tooLong(): ApiError {
  const detail: Text = ({ details }) =>
    details.partHeaders(PART_HEADER_COUNT, PART_HEADER_LIMIT / 1024)
  return MalformedRequest({ detail })
}

function delimiterOf(contentType: string): Buffer | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  return boundary === undefined ? undefined : Buffer.from(`\r\n--${boundary}`, 'latin1')
}
