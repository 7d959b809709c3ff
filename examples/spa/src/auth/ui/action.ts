import { useRef, useState } from 'preact/hooks'
import { flash } from './flash.tsx'
import { settled } from './settled.ts'
import { isDeclined, messageOf } from './states.tsx'

/** What a button does: busy until it is done; what it throws is told in a message. */
export function useAction(
  work: () => unknown,
  tell: (error: unknown) => void = (error) => flash(messageOf(error), 'bad'),
): { run: () => void; isBusy: boolean } {
  const [isBusy, setIsBusy] = useState(false)
  const isRunning = useRef(false)

  async function run(): Promise<void> {
    if (isRunning.current) return
    isRunning.current = true
    setIsBusy(true)
    try {
      await work()
    } catch (error) {
      if (!isDeclined(error)) tell(error)
    } finally {
      isRunning.current = false
      setIsBusy(false)
      settled()
    }
  }

  return { run: () => void run(), isBusy }
}
