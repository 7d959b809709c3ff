import { escapeHtml } from '../../platform/html.ts'
import type { StoredMail } from './outbox-folder.ts'

const STYLE = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 0 } p { margin: .25rem 0 }
header p { opacity: .75; font-size: .9rem; overflow-wrap: anywhere }
iframe { width: 100%; height: 26rem; border: 0; margin-top: .75rem; color-scheme: light dark }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .9rem/1.5 ui-monospace, monospace }
summary { cursor: pointer }`

/**
 * No script, no request to anywhere. Styles are inline, since the frames, which inherit the policy,
 * show mails that have theirs in each element.
 */
export const outboxCsp =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The mails for people: each as HTML in a frame of its own without any right, and as text. */
export function outboxPage(mails: readonly StoredMail[]): string {
  const list = mails.map(article).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Outbox · Latchkey</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Outbox</h1>
<p>Mails that this server would have sent, newest first. Reload the page for newer ones.</p>
${list || '<p>There are none yet.</p>'}
</body>
</html>
`
}

function article({ to, subject, text, html, sentAt }: StoredMail): string {
  return `<article>
<header><h2>${escapeHtml(subject)}</h2><p>To ${escapeHtml(to)} · ${escapeHtml(sentAt)}</p></header>
<iframe sandbox title="${escapeHtml(subject)}" srcdoc="${escapeHtml(html)}"></iframe>
<details><summary>Text, with links to follow</summary><pre>${withLinks(text)}</pre></details>
</article>`
}

/** A link in the frame leads nowhere, since the frame may not open anything. */
function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) => {
      const safe = escapeHtml(part)
      return index % 2 === 0
        ? safe
        : `<a href="${safe}" target="_blank" rel="noreferrer">${safe}</a>`
    })
    .join('')
}
