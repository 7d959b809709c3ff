import { IconButton } from './button.tsx'
import { Icon } from './icons.tsx'
import { createStore, useStore } from './store.ts'
import { uiTexts } from './texts.ts'

type Flash = { text: string; look: 'good' | 'bad'; at: number }

/** How soon a page follows that belongs to the message: it stays over this one change. */
const SOON_MS = 1500

const store = createStore<Flash | undefined>(undefined)

/** Says what has happened, such as `flash('Saved.')`, here or on the page that follows at once. */
export function flash(text: string, look: Flash['look'] = 'good'): void {
  store.set({ text, look, at: Date.now() })
}

/** To be called at each change of the page: drops a message of the page before. */
export function dropOldFlash(): void {
  const shown = store.get()
  if (shown && Date.now() - shown.at > SOON_MS) store.set(undefined)
}

/** Where the messages appear. It is always there, since screen readers follow only what was. */
export function FlashRegion() {
  const shown = useStore(store)
  const texts = uiTexts.use()
  return (
    <div class="flash-region" role="status">
      {shown && (
        <div class={`flash flash-${shown.look}`} key={shown.at}>
          <Icon name={shown.look === 'good' ? 'check' : 'alert'} />
          <p>{shown.text}</p>
          <IconButton icon="close" label={texts.close} onClick={() => store.set(undefined)} />
        </div>
      )}
    </div>
  )
}
