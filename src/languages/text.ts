import type { Texts } from './en/texts.ts'

/**
 * A text for people, told when its language is known: `({ messages }) => messages.signedOut`. A
 * plain string is the same in every language.
 */
export type Text = string | ((texts: Texts) => string)

/** The text in the language of the catalogue. */
export function tell(text: Text, texts: Texts): string {
  return typeof text === 'string' ? text : text(texts)
}
