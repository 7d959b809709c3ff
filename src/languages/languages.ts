import { texts as en, type Texts } from './en/texts.ts'
import { texts as zhCN } from './zh-CN/texts.ts'

/** The catalogues by tag (BCP 47). A text that one of them lacks does not compile. */
export const catalogues = { en, 'zh-CN': zhCN } satisfies Record<string, Texts>

export type Language = keyof typeof catalogues

/** In the order of `catalogues`. */
export const allLanguages = Object.keys(catalogues) as Language[]

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(catalogues, tag)
}

/** What logs, the audit log and the command line say: English. */
export const english: Texts = en
