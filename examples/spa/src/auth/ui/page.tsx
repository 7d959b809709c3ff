import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'

const site = { name: '' }
let isFirstPage = true

/** The name behind the title of each page. */
export function nameSite(name: string): void {
  site.name = name
}

type Props = {
  title: string
  /** Whether somebody wrote the title, such as that of a note: nobody translates it. */
  isWritten?: boolean
  /** The page above this one. */
  up?: { path: string; title: string }
  /** One sentence below the title. */
  lead?: ComponentChildren
  /** Buttons beside the title. */
  actions?: ComponentChildren
  /** `narrow` is a card for one form, `wide` a page of the application. */
  width?: 'narrow' | 'wide'
  children?: ComponentChildren
}

/** A page: its title is in the tab, and gets the focus when the page is opened by a link. */
export function Page({ title, isWritten, up, lead, actions, width = 'wide', children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const before = document.title
    document.title = site.name ? `${title} · ${site.name}` : title
    // A page may take the place of another one for a while.
    return () => {
      document.title = before
    }
  }, [title])
  useEffect(() => {
    // The browser itself reads out the first one.
    if (!isFirstPage) heading.current?.focus()
    isFirstPage = false
  }, [])
  return (
    <main id="main" class={`page page-${width}`}>
      {up && (
        <p class="page-up">
          <a href={up.path}>
            <Icon name="arrowLeft" />
            {up.title}
          </a>
        </p>
      )}
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1} translate={!isWritten}>
          {title}
        </h1>
        {actions && <div class="row">{actions}</div>}
      </div>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </main>
  )
}
