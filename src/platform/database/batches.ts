/** Rows of one batch: some milliseconds of work, so that others do not wait long for a lock. */
export const BATCH = 50

type Rows<Key extends string> = {
  /** Keys of the first rows after a key, in order, at most `BATCH`. */
  read: (after: string) => Promise<Key[]>
  write: (keys: Key[]) => Promise<unknown>
}

/** Works in batches and reads no row twice: InnoDB skips deleted rows one by one. */
export async function* inBatches<Key extends string>({
  read,
  write,
}: Rows<Key>): AsyncGenerator<void> {
  let last = ''
  for (;;) {
    const keys = await read(last)
    if (keys.length === 0) return
    await write(keys)
    last = keys.at(-1) ?? last
    yield
  }
}
