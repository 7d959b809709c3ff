import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Button, IconButton } from './button.tsx'
import { uiTexts } from './texts.ts'

const FIRST = 'input:not([type=hidden]), textarea, select, .button'

type Props = {
  title: string
  /** Escape, the cross, or a click beside it. */
  onClose: () => void
  children: ComponentChildren
}

/** A modal dialog of the browser, which keeps the focus inside and gives it back afterwards. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const texts = uiTexts.use()
  useEffect(() => {
    const before = document.activeElement
    const shown = dialog.current
    shown?.showModal()
    // What to do comes first, not the cross.
    shown?.querySelector<HTMLElement>(FIRST)?.focus()
    return () => {
      // While it is open, nothing behind it takes the focus.
      shown?.close()
      ;(before as HTMLElement | null)?.focus?.()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={texts.close} onClick={onClose} />
        </div>
        {children}
      </div>
    </dialog>
  )
}

type Question = {
  title: string
  /** What will happen. */
  children: ComponentChildren
  /** The word on the button, such as `Delete`. */
  confirm: string
  isBusy?: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, children, confirm, isBusy, onConfirm, onClose }: Question) {
  const texts = uiTexts.use()
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <div class="row row-end">
        <Button onClick={onClose}>{texts.cancel}</Button>
        <Button look="danger" isBusy={isBusy ?? false} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  )
}
