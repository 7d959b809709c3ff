import { useEffect, useState } from 'preact/hooks'
import { flash } from './flash.tsx'
import { Icon } from './icons.tsx'
import { uiTexts } from './texts.ts'

/** Whether the browser has a network. That a server answers, only a request can tell. */
export function useOnline(): boolean {
  const [isOnline, setIsOnline] = useState(navigator.onLine)
  useEffect(() => {
    const changed = () => setIsOnline(navigator.onLine)
    addEventListener('online', changed)
    addEventListener('offline', changed)
    return () => {
      removeEventListener('online', changed)
      removeEventListener('offline', changed)
    }
  }, [])
  return isOnline
}

/** Says that there is no network, and when it is back. */
export function OfflineBanner() {
  const texts = uiTexts.use()
  const isOnline = useOnline()
  const [wasOffline, setWasOffline] = useState(!isOnline)
  useEffect(() => {
    if (isOnline && wasOffline) flash(uiTexts.now().backOnline)
    setWasOffline(!isOnline)
  }, [isOnline])
  return (
    <div role="status">
      {!isOnline && (
        <p class="offline">
          <Icon name="offline" /> {texts.offline}
        </p>
      )}
    </div>
  )
}
