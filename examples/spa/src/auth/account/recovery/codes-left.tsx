import { accountTexts } from '../texts/index.ts'

const FEW = 3

/** How many recovery codes are not used yet. */
export function CodesLeft({ left }: { left: number }) {
  const texts = accountTexts.use().recovery
  if (left > FEW) return <p>{texts.left(left)}</p>
  return (
    <div class="notice notice-warn">
      <p>
        {texts.left(left)} {texts.few}
      </p>
    </div>
  )
}
