import { Button } from '../auth/index.ts'
import { resourceTexts } from '../texts/resources.ts'
import './resources.css'

/** Says that a form begins with what was typed earlier. */
export function RestoredNotice({ onDiscard }: { onDiscard: () => void }) {
  const { restored } = resourceTexts.use()
  return (
    <div class="notice notice-row" role="status">
      <p>{restored.text}</p>
      <Button onClick={onDiscard}>{restored.discard}</Button>
    </div>
  )
}
