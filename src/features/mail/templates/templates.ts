import { catalogues, type Language } from '../../../languages/languages.ts'
import type { MailText, MailValues } from '../../../languages/mail.ts'
import type { MailKind } from '../kinds.ts'
import { type Content, compose } from './layout.ts'

/** Writes a mail. @param language the one that its text and the values are in */
export type Template = (values: MailValues, language: Language) => Content

export function ownTemplate(kind: MailKind): Template {
  return (values, language) => {
    const texts: Record<MailKind, MailText> = catalogues[language].mails
    return compose(texts[kind](values), values, language)
  }
}
