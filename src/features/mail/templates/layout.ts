import { escapeHtml } from '../../../platform/html.ts'

export type Content = { subject: string; text: string; html: string }

/** A paragraph, a code to type, a link to press, or facts in lines. */
type Part = string | { code: string } | { label: string; link: string } | { facts: Fact[] }
type Fact = readonly [name: string, value: string]

export type Draft = { subject: string; parts: Part[] }

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
const CODE =
  'display:inline-block;padding:8px 16px;border:1px solid #888888;border-radius:8px;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;letter-spacing:2px;white-space:nowrap'
const BUTTON =
  'display:inline-block;padding:10px 20px;border-radius:8px;background:#1e5a96;color:#ffffff;text-decoration:none;font-weight:600'

/**
 * Writes a draft as plain text and as HTML, which names no color of text and ground: dark stays
 * dark.
 */
export function compose({ subject, parts }: Draft): Content {
  const body = parts.map(htmlOf).join('\n')
  return { subject, text: `${parts.map(textOf).join('\n\n')}\n`, html: page(subject, body) }
}

/** The text as HTML, a paragraph for each part between empty lines. */
export function htmlOfText(subject: string, text: string): string {
  const paragraphs = text.trim().split(/\n{2,}/)
  return page(subject, paragraphs.map(paragraph).join('\n'))
}

function page(subject: string, body: string): string {
  return `<!doctype html>
<html lang="en">
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

function textOf(part: Part): string {
  if (typeof part === 'string') return part
  if ('code' in part) return part.code
  if ('link' in part) return `${part.label}:\n${part.link}`
  return known(part.facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

function htmlOf(part: Part): string {
  if (typeof part === 'string') return paragraph(part)
  if ('code' in part) return `<p><span style="${CODE}">${escapeHtml(part.code)}</span></p>`
  if ('link' in part) {
    return `<p><a href="${escapeHtml(part.link)}" style="${BUTTON}">${escapeHtml(part.label)}</a></p>`
  }
  const lines = known(part.facts).map(
    ([name, value]) => `${escapeHtml(name)}: <strong>${escapeHtml(value)}</strong>`,
  )
  return `<p>${lines.join('<br>\n')}</p>`
}

const paragraph = (text: string) => `<p>${escapeHtml(text).replaceAll('\n', '<br>\n')}</p>`

const known = (facts: readonly Fact[]) => facts.filter(([, value]) => value !== '')
