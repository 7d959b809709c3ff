import { useState } from 'preact/hooks'
import { Button, ConfirmDialog, Failed } from '../auth/index.ts'
import { resourceTexts } from '../texts/resources.ts'
import { hasCode } from './answered.ts'

type Props = {
  /** The question, and what goes with it. */
  title: string
  lead: string
  remove: () => Promise<unknown>
  /** It is gone. */
  onDeleted: () => void
  /** It was changed since it was read. */
  onChanged: () => void
}

/** Deletes after a question. */
export function DeleteButton({ title, lead, remove, onDeleted, onChanged }: Props) {
  const texts = resourceTexts.use()
  const [isAsking, setIsAsking] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  function ask(): void {
    setError(undefined)
    setIsAsking(true)
  }

  async function confirm(): Promise<void> {
    setIsBusy(true)
    const failure = await remove().then(
      () => undefined,
      (error: unknown) => error,
    )
    setIsBusy(false)
    // It is gone already: an earlier answer was lost, or somebody else was quicker.
    if (failure === undefined || hasCode(failure, 'not_found')) return onDeleted()
    if (!hasCode(failure, 'precondition_failed')) return setError(failure)
    setIsAsking(false)
    onChanged()
  }

  return (
    <>
      <Button look="danger" onClick={ask}>
        {texts.delete}
      </Button>
      {isAsking && (
        <ConfirmDialog
          {...{ title, isBusy }}
          confirm={texts.delete}
          onConfirm={() => void confirm()}
          onClose={() => setIsAsking(false)}
        >
          <p>{lead}</p>
          {error !== undefined && <Failed error={error} />}
        </ConfirmDialog>
      )}
    </>
  )
}
