// The process that `images.ts` starts: one picture at a time.
import { createImageCodec } from './codec.ts'
import type { PictureTask } from './picture.ts'

const { reencode } = createImageCodec()

// Ctrl+C reaches every process of a terminal; the server decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())
process.on('message', async (task: PictureTask) => {
  process.send?.(await reencode(task))
})
