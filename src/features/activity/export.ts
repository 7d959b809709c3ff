import { Readable } from 'node:stream'
import type { UserId } from '../../platform/ids.ts'
import type { Exported } from '../feature.ts'

/** Characters of one piece of the document. */
const PIECE = 16_384

/** Parts of all features under their names. */
export function exportedIn(opened: readonly { exported?: Exported }[]): Exported {
  return Object.assign({}, ...opened.map(({ exported }) => exported))
}

/**
 * The document, as a stream: it may be larger than the memory. Its beginning is read before this
 * returns, so that a database that is away is an answer of its own.
 */
export async function openExport(
  parts: Exported,
  userId: UserId,
  exportedAt: Date,
): Promise<Readable> {
  const pieces = piecesOf(parts, userId, exportedAt)
  const { value: first } = await pieces.next()
  return Readable.from(startingWith(first, pieces))
}

async function* startingWith(first: string | undefined, rest: AsyncIterable<string>) {
  yield first ?? ''
  yield* rest
}

async function* piecesOf(
  parts: Exported,
  userId: UserId,
  exportedAt: Date,
): AsyncGenerator<string> {
  let piece = ''
  for await (const text of texts(parts, userId, exportedAt)) {
    piece += text
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

async function* texts(parts: Exported, userId: UserId, exportedAt: Date): AsyncGenerator<string> {
  yield `{"exportedAt":${json(exportedAt)}`
  for (const [name, { read }] of Object.entries(parts)) {
    yield `,\n${json(name)}:`
    const held = read(userId)
    if (Symbol.asyncIterator in held) yield* list(held)
    else yield json(await held)
  }
  yield '}\n'
}

async function* list(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let separator = '['
  for await (const row of rows) {
    yield `${separator}\n${json(row)}`
    separator = ','
  }
  yield separator === '[' ? '[]' : ']'
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one))
}
