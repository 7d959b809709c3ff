import { LatchkeyError } from '@latchkey/client'
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icons.tsx'
import { serverText } from './language.ts'
import { settled } from './settled.ts'
import { uiTexts } from './texts.ts'

type State<Data> =
  | { data: Data; error?: undefined; isLoading: boolean }
  | { data?: undefined; error: unknown; isLoading: boolean }
  | { data?: undefined; error?: undefined; isLoading: true }

export type Load<Data> = State<Data> & {
  /** Loads it again; what is shown stays until then. */
  reload: () => Promise<void>
  /** Shows what an answer has changed. */
  set: (data: Data) => void
}

/**
 * Loads what a page shows, and again whenever `keys` change, or when the network is back after a
 * failure. Late answers of earlier keys are dropped.
 */
export function useLoad<Data>(load: () => Promise<Data>, keys: unknown[]): Load<Data> {
  const [state, setState] = useState<State<Data>>({ isLoading: true })
  const turn = useRef(0)
  const reload = useCallback(async () => {
    const mine = ++turn.current
    setState((before) => ({ ...before, isLoading: true }) as State<Data>)
    const next = await load().then(
      (data): State<Data> => ({ data, isLoading: false }),
      (error): State<Data> => ({ error, isLoading: false }),
    )
    if (mine === turn.current) setState(next)
    settled()
  }, keys)
  useEffect(() => {
    void reload()
    // An answer that comes after the page has gone changes nothing.
    return () => void turn.current++
  }, [reload])
  const isFailed = state.error !== undefined
  useEffect(() => {
    if (!isFailed) return
    const again = () => void reload()
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [isFailed, reload])
  return { ...state, reload, set: (data) => setState({ data, isLoading: false }) }
}

/** What was loaded; until then that it is loading, or why it failed, with another try. */
export function Loaded<Data>({
  load,
  children,
  skeleton,
}: {
  load: Load<Data>
  children: (data: Data) => ComponentChildren
  skeleton?: ComponentChildren
}) {
  if (load.data !== undefined) return <>{children(load.data)}</>
  if (load.isLoading) return <Loading>{skeleton}</Loading>
  return <Failed error={load.error} onRetry={load.reload} />
}

/** Grey lines where text will be, and a word for screen readers. */
export function Loading({ children }: { children?: ComponentChildren }) {
  const texts = uiTexts.use()
  return (
    <div class="loading" aria-busy="true">
      <p class="visually-hidden" role="status">
        {texts.loading}
      </p>
      {children ?? <Skeleton lines={4} />}
    </div>
  )
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  )
}

/** Why something failed, and another try. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => unknown }) {
  const texts = uiTexts.use()
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        <strong>{texts.failedTitle}</strong>
      </p>
      <p>{messageOf(error)}</p>
      {onRetry && <Button onClick={() => void onRetry()}>{texts.tryAgain}</Button>}
    </div>
  )
}

/** Where a list has no items yet: says so, and what to do. */
export function Empty({
  title,
  icon,
  children,
}: {
  title: string
  icon?: IconName
  children?: ComponentChildren
}) {
  return (
    <div class="empty">
      {icon && <Icon name={icon} />}
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  )
}

/** What to tell people of an error: the server's own words, or that no answer came. */
export function messageOf(error: unknown): string {
  const texts = uiTexts.now()
  if (!(error instanceof LatchkeyError)) return texts.noAnswer
  return serverText(error.problem.detail)
}

/** Whether the server asked for a proof, and the person gave none: nothing is wrong. */
export function isDeclined(error: unknown): boolean {
  return error instanceof LatchkeyError && error.problem.action === 'step_up'
}
