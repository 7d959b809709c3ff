import { html, render } from 'htm/preact'
import { lang, texts } from './texts.ts'
import type { Problem } from './types.ts'

export const $ = <E extends HTMLElement>(selector: string) => document.querySelector(selector) as E

export const all = <E extends HTMLElement>(selector: string, within: ParentNode = document) =>
  within.querySelectorAll<E>(selector)

/** Puts something in a place of the page. */
export const put = render as (shown: unknown, place: HTMLElement) => void

/** Loads the page once more that the address names. */
export const reload = () => dispatchEvent(new Event('hashchange'))

/** Without a detail there is nobody who says more: the network, or the owner of a passkey. */
export const messageOf = ({ detail }: Problem) => detail ?? texts.noAnswer

let timer = 0

/** Says something at the bottom, for a while, and longer while somebody is at it. */
export function say(text?: string, act?: () => unknown, label = texts.undo): void {
  const toast = $('#toast')
  put(
    text && html`<span>${text}</span>${act && html`<button onClick=${act}>${label}</button>`}`,
    toast,
  )
  clearInterval(timer)
  timer = setInterval(() => toast.matches(':hover,:focus-within') || say(), 9e3)
}

export const report = (problem: Problem) => say(messageOf(problem))

const SIZES = { day: 86_400, hour: 3600, minute: 60 }
const EXACT = { dateStyle: 'medium', timeStyle: 'medium' } as const
const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })

/** How long ago, and exactly when on hover and focus. */
export function timeOf(at: string | null) {
  if (!at) return texts.never
  const date = new Date(at)
  const seconds = (+date - Date.now()) / 1e3
  const [unit, size] = Object.entries(SIZES).find(([, size]) => Math.abs(seconds) >= size) ?? []
  return html`<time tabindex="0" datetime=${at} data-exact=${date.toLocaleString(lang, EXACT)}>${
    size ? relative.format(Math.round(seconds / size), unit as 'day') : texts.now
  }</time>`
}

type Value = string | number | boolean | null | undefined

/** Puts values into what stands in the page: see the comment of index.html. */
export function fill(data: unknown, within: ParentNode): void {
  const read = (path: string) =>
    path.split('.').reduce((value, name) => (value as Record<string, unknown>)[name], data) as Value
  for (const place of all('[data-fill]', within)) {
    const path = place.dataset.fill as string
    const value = read(path)
    put(
      /At$|Until/.test(path) ? timeOf(value as string) : (value?.toLocaleString(lang) ?? '–'),
      place,
    )
  }
  for (const place of all('[data-if]', within)) {
    const [path = '', not] = (place.dataset.if as string).split('!').reverse()
    place.hidden = !read(path) !== (not === '')
  }
}
