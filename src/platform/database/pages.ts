import { setImmediate } from 'node:timers/promises'

/** Rows of one page: some milliseconds of work, and little memory. */
const PAGE = 100

/** What a page of a model call adds to its `where`. */
export const FIRST_BY_ID = { orderBy: { id: 'asc' }, take: PAGE } as const

type Read<Row> = (after: { gt: string }, take: number) => Promise<Row[]>

/** Reads rows of any number in the order of a key, a page at a time. */
export async function* inPages<Row>(
  read: Read<Row>,
  keyOf: (row: Row) => string,
): AsyncGenerator<Row> {
  let last = ''
  for (;;) {
    const rows = await read({ gt: last }, PAGE)
    yield* rows
    const end = rows.at(-1)
    if (end === undefined || rows.length < PAGE) return
    last = keyOf(end)
    // A statement may block the thread: others come in between.
    await setImmediate()
  }
}

/** The same in the order of ids, with `FIRST_BY_ID`. */
export function pagesById<Row extends { id: string }>(read: Read<Row>): AsyncGenerator<Row> {
  return inPages(read, ({ id }) => id)
}
