import { Button } from '../auth/index.ts'
import { resourceTexts } from '../texts/resources.ts'

/** Says that a form begins with what was typed earlier. */
export function RestoredNotice({ onDiscard }: { onDiscard: () => void }) {
  const { restored } = resourceTexts.use()
  return (
    <div class="notice row row-between" role="status">
      <p>{restored.text}</p>
      <Button onClick={onDiscard}>{restored.discard}</Button>
    </div>
  )
}
