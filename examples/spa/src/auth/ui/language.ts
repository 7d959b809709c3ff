import { remembered } from './remembered.ts'
import { createStore, useStore } from './store.ts'

/** The languages that there are texts in, each by its own name. */
export const LANGUAGES = { en: 'English', 'zh-CN': '中文' } as const

export type Language = keyof typeof LANGUAGES

const NAME = 'language'
const store = createStore<Language>(firstLanguage())
let disguise: (<T>(texts: T) => T) | undefined

/** For `Accept-Language`, and wherever no component can ask. */
export const currentLanguage = (): Language => store.get()

export function useLanguage(): Language {
  return useStore(store)
}

/** Changes the language of all texts, and remembers it. */
export function chooseLanguage(language: Language): void {
  remembered.set(NAME, language)
  store.set(language)
  document.documentElement.lang = language
}

/** Sets `lang` of the page, for screen readers, hyphenation and fonts. */
export function startLanguage(): void {
  document.documentElement.lang = store.get()
}

/** One text for each key, in every language: a missing one does not compile. */
export function defineTexts<Texts extends object>(
  all: Record<Language, Texts>,
): { use: () => Texts; now: () => Texts } {
  const disguised = new Map<Language, Texts>()
  function textsIn(language: Language): Texts {
    if (!disguise) return all[language]
    const known = disguised.get(language) ?? disguise(all[language])
    disguised.set(language, known)
    return known
  }
  return { use: () => textsIn(useLanguage()), now: () => textsIn(store.get()) }
}

/** Has each text changed, so that a test sees which words come from no catalogue. */
export function disguiseTexts(change: <T>(texts: T) => T): void {
  disguise = change
}

/** A text that the server wrote, in the language of `Accept-Language`. */
export function serverText(text: string): string {
  return disguise ? disguise({ text }).text : text
}

function firstLanguage(): Language {
  const chosen = [remembered.get(NAME) ?? '', ...navigator.languages]
  const isChinese = (tag: string) => /^zh\b/i.test(tag)
  const known = chosen.find((tag) => isChinese(tag) || /^en\b/i.test(tag))
  return known && isChinese(known) ? 'zh-CN' : 'en'
}
