import { Button, flash, useAction } from '../ui/index.ts'
import { accountTexts } from './texts/index.ts'

/** Copies a text. */
export function CopyButton({ text }: { text: string }) {
  const texts = accountTexts.use()
  const { run, isBusy } = useAction(
    async () => {
      await navigator.clipboard.writeText(text)
      flash(accountTexts.now().copied)
    },
    () => flash(accountTexts.now().notCopied, 'bad'),
  )
  return (
    <Button icon="paper" isBusy={isBusy} onClick={run}>
      {texts.copy}
    </Button>
  )
}
