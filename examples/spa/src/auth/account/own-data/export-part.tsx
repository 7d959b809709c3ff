import { LatchkeyError } from '@latchkey/client'
import { useRef, useState } from 'preact/hooks'
import { type Auth, useAuth, useUser } from '../../context.tsx'
import { Button, useAction, useFormat } from '../../ui/index.ts'
import { Part } from '../account-page.tsx'
import { saveFile } from '../save-file.ts'
import { accountTexts } from '../texts/index.ts'

type Progress = { bytes: number; isDone: boolean }

/** Everything that the server holds about somebody, as a file. */
export function ExportPart() {
  const { latchkey } = useAuth()
  const user = useUser()
  const texts = accountTexts.use().data
  const [progress, tell] = useState<Progress>()
  const stop = useRef<AbortController>(new AbortController())

  const { run, isBusy } = useAction(async () => {
    stop.current = new AbortController()
    const { signal } = stop.current
    tell({ bytes: 0, isDone: false })
    try {
      const file = await download(latchkey, signal, (bytes) => tell({ bytes, isDone: false }))
      saveFile(`${user?.username}-${new Date().toISOString().slice(0, 10)}.json`, file)
      tell({ bytes: file.size, isDone: true })
    } catch (error) {
      tell(undefined)
      if (!signal.aborted) throw error
    }
  })
  return (
    <Part title={texts.exportTitle}>
      <p>{texts.exportLead}</p>
      <p class="small">{texts.format}</p>
      <div class="row">
        <Button icon="download" isBusy={isBusy} onClick={run}>
          {texts.download}
        </Button>
        {isBusy && (
          <Button look="quiet" onClick={() => stop.current.abort()}>
            {texts.stop}
          </Button>
        )}
      </div>
      <p role="status">{progress && <Said progress={progress} />}</p>
    </Part>
  )
}

function Said({ progress: { bytes, isDone } }: { progress: Progress }) {
  const texts = accountTexts.use().data
  const format = useFormat()
  if (isDone) return <>{texts.done(format.size(bytes))}</>
  return <>{bytes === 0 ? texts.preparing : texts.received(format.size(bytes))}</>
}

/** How long it is nobody knows before its end, so what has arrived is counted. */
async function download(
  latchkey: Auth['latchkey'],
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<Blob> {
  const { data, error } = await latchkey.api.GET('/me/export', { parseAs: 'stream', signal })
  // What is not an error of the server comes from something in between.
  if (!data) throw error?.code ? new LatchkeyError(error) : new Error('No answer of the server')
  const parts: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for await (const part of chunksOf(data as ReadableStream<Uint8Array<ArrayBuffer>>)) {
    bytes += part.length
    parts.push(part)
    onProgress(bytes)
  }
  return new Blob(parts, { type: 'application/json' })
}

/** Safari iterates over no stream. */
async function* chunksOf<Chunk>(stream: ReadableStream<Chunk>): AsyncGenerator<Chunk> {
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}
