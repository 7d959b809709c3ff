import { remembered } from './remembered.ts'
import { createStore, useStore } from './store.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const NAME = 'theme'
const store = createStore<Theme>(asTheme(remembered.get(NAME)))

export function useTheme(): Theme {
  return useStore(store)
}

/** Shows all pages so, and remembers it. */
export function chooseTheme(theme: Theme): void {
  remembered.set(NAME, theme)
  store.set(theme)
  apply(theme)
}

/** Before the first page is shown, which would otherwise change its colours. */
export function startTheme(): void {
  apply(store.get())
}

function apply(theme: Theme): void {
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme
}

function asTheme(text: string | null): Theme {
  return THEMES.find((theme) => theme === text) ?? 'system'
}
