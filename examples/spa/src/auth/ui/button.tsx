import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.tsx'

export type Look = 'main' | 'plain' | 'quiet' | 'danger'
type Props = {
  children: ComponentChildren
  look?: Look
  icon?: IconName
  /** Whether its work is under way; it then ignores further clicks, and keeps the focus. */
  isBusy?: boolean
}

/** A button; `main` stands once on a page, for what most people came for. */
export function Button({
  look = 'plain',
  icon,
  isBusy = false,
  children,
  type = 'button',
  onClick,
  ...rest
}: Props & Omit<ButtonHTMLAttributes, 'icon'>) {
  return (
    <button
      {...rest}
      type={type}
      class={`button button-${look}`}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({
  look = 'plain',
  icon,
  children,
  href,
}: Omit<Props, 'isBusy'> & { href: string }) {
  return (
    <a class={`button button-${look}`} href={href}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  )
}

/** A button of an icon alone, with a name for those who do not see it. */
export function IconButton({
  icon,
  label,
  ...rest
}: { icon: IconName; label: string } & Omit<ButtonHTMLAttributes, 'icon'>) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  )
}
