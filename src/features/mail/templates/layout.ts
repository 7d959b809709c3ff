import { catalogues, type Language } from '../../../languages/languages.ts'
import type { MailDraft, MailFact, MailPart, MailValues } from '../../../languages/mail.ts'
import { escapeHtml } from '../../../platform/html.ts'

export type Content = { subject: string; text: string; html: string }

/** A part whose facts have their names and values; those that are not known are left out. */
type Part = Exclude<MailPart, { facts: unknown }> | { lines: (readonly [string, string])[] }

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
const CODE =
  'display:inline-block;padding:8px 16px;border:1px solid #888888;border-radius:8px;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;letter-spacing:2px;white-space:nowrap'
const BUTTON =
  'display:inline-block;padding:10px 20px;border-radius:8px;background:#1e5a96;color:#ffffff;text-decoration:none;font-weight:600'

/**
 * Writes a draft as plain text and as HTML, which names no color of text and ground: dark stays
 * dark.
 */
export function compose(draft: MailDraft, values: MailValues, language: Language): Content {
  const { mailWords: words } = catalogues[language]
  const { colon } = words
  const named = (fact: MailFact) => [words[fact], values[fact]] as const
  const parts = draft.parts.map((part): Part => {
    if (typeof part === 'string' || !('facts' in part)) return part
    return { lines: part.facts.map(named).filter(([, value]) => value !== '') }
  })
  const { subject } = draft
  const body = parts.map((part) => htmlOf(part, colon)).join('\n')
  return {
    subject,
    text: `${parts.map((part) => textOf(part, colon)).join('\n\n')}\n`,
    html: page(subject, body, language),
  }
}

/** The text as HTML, a paragraph for each part between empty lines. */
export function htmlOfText(subject: string, text: string, language: Language): string {
  const paragraphs = text.trim().split(/\n{2,}/)
  return page(subject, paragraphs.map(paragraph).join('\n'), language)
}

function page(subject: string, body: string, language: Language): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>:root { color-scheme: light dark }</style>
</head>
<body style="margin:0;padding:24px 16px">
<div style="max-width:34rem;margin:0 auto;${FONT};font-size:16px;line-height:1.5">
${body}
</div>
</body>
</html>
`
}

function textOf(part: Part, colon: string): string {
  if (typeof part === 'string') return part
  if ('code' in part) return part.code
  if ('link' in part) return `${part.label}${colon.trimEnd()}\n${part.link}`
  return part.lines.map(([name, value]) => `${name}${colon}${value}`).join('\n')
}

function htmlOf(part: Part, colon: string): string {
  if (typeof part === 'string') return paragraph(part)
  if ('code' in part) return `<p><span style="${CODE}">${escapeHtml(part.code)}</span></p>`
  if ('link' in part) {
    return `<p><a href="${escapeHtml(part.link)}" style="${BUTTON}">${escapeHtml(part.label)}</a></p>`
  }
  const lines = part.lines.map(
    ([name, value]) => `${escapeHtml(`${name}${colon}`)}<strong>${escapeHtml(value)}</strong>`,
  )
  return `<p>${lines.join('<br>\n')}</p>`
}

const paragraph = (text: string) => `<p>${escapeHtml(text).replaceAll('\n', '<br>\n')}</p>`
