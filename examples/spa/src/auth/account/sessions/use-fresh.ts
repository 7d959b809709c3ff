import { useEffect } from 'preact/hooks'

/** Loads again whenever people come back to the page: it may have changed elsewhere. */
export function useFresh(reload: () => unknown): void {
  useEffect(() => {
    const back = () => void (document.visibilityState === 'visible' && reload())
    document.addEventListener('visibilitychange', back)
    return () => document.removeEventListener('visibilitychange', back)
  }, [reload])
}
