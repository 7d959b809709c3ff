import { createStore } from '../auth/index.ts'

/** A file on its way. */
export type Upload = {
  id: number
  file: File
  state: 'waiting' | 'sending' | 'failed'
  /** How much of it is sent, 0 to 1; the server then looks at the picture. */
  share: number
  /** Why it failed. */
  error?: unknown
}

type Sending = { onShare: (share: number) => void; signal: AbortSignal }

type Options<Sent> = {
  send: (file: File, sending: Sending) => Promise<Sent>
  /** One has arrived. */
  onSent: (sent: Sent) => void
  /** None is under way any more. @param count how many have arrived since the last time */
  onIdle: (count: number) => void
}

/** The server lets two of one user wait. */
const AT_ONCE = 2

/** Sends files, two at a time; one that fails stays in the list, and stops no other. */
export function createUploads<Sent>({ send, onSent, onIdle }: Options<Sent>) {
  const store = createStore<readonly Upload[]>([])
  const aborts = new Map<number, AbortController>()
  let lastId = 0
  let arrived = 0

  function change(id: number, part: Partial<Upload>): void {
    store.set(store.get().map((upload) => (upload.id === id ? { ...upload, ...part } : upload)))
  }

  function drop(id: number): void {
    store.set(store.get().filter((upload) => upload.id !== id))
  }

  function sendNext(): void {
    const inState = (state: Upload['state']) =>
      store.get().filter((upload) => upload.state === state)
    const room = AT_ONCE - inState('sending').length
    for (const upload of inState('waiting').slice(0, room)) void sendOne(upload)
    if (inState('sending').length > 0) return
    if (arrived > 0) onIdle(arrived)
    arrived = 0
  }

  async function sendOne({ id, file }: Upload): Promise<void> {
    const abort = new AbortController()
    aborts.set(id, abort)
    change(id, { state: 'sending', share: 0, error: undefined })
    try {
      const onShare = (share: number) => change(id, { share })
      const sent = await send(file, { onShare, signal: abort.signal })
      arrived++
      drop(id)
      onSent(sent)
    } catch (error) {
      change(id, { state: 'failed', error })
    } finally {
      aborts.delete(id)
      sendNext()
    }
  }

  return {
    /** The files that have not arrived. */
    store,

    add(files: Iterable<File>): void {
      const added = [...files].map(
        (file): Upload => ({ id: ++lastId, file, state: 'waiting', share: 0 }),
      )
      store.set([...store.get(), ...added])
      sendNext()
    },

    repeat(id: number): void {
      change(id, { state: 'waiting', error: undefined })
      sendNext()
    },

    /** Takes a file out of the list, wherever it is on its way. */
    cancel(id: number): void {
      drop(id)
      aborts.get(id)?.abort()
      sendNext()
    },

    cancelAll(): void {
      store.set([])
      for (const abort of aborts.values()) abort.abort()
    },
  }
}
