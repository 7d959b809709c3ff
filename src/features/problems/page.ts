import { createHash } from 'node:crypto'
import { catalogues, type Language } from '../../languages/languages.ts'
import { escapeHtml } from '../../platform/html.ts'
import type { ProblemType } from './schemas.ts'

const style = `:root { color-scheme: light dark }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
code { font-family: ui-monospace, monospace }
dt { font-weight: 600; margin-top: .75rem } dd { margin: 0 }`

const styleHash = createHash('sha256').update(style).digest('base64')

/** The pages need one style sheet and nothing else. */
export const pageCsp = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The page that explains one error, whose texts are in this language. */
export function problemPage(row: ProblemType, basePath: string, language: Language): string {
  const { code, status, action, title, detail, explanation } = row
  const { actions, problemsPage: texts } = catalogues[language]
  const meaning = actions[action as keyof typeof actions]
  return page(
    language,
    title,
    `<h1>${escaped(title)}</h1>
<p>${escaped(detail)}</p>
<p>${escaped(explanation)}</p>
<dl>
<dt>${escaped(texts.code)}</dt><dd><code>${escaped(code)}</code></dd>
<dt>${escaped(texts.status)}</dt><dd>${status}</dd>
<dt>${escaped(texts.action)}</dt><dd><code>${action}</code>${escaped(texts.colon + meaning)}</dd>
</dl>
<p><a href="${basePath}/problems">${escaped(texts.all)}</a></p>`,
  )
}

/** The page that lists all errors, whose texts are in this language. */
export function listPage(
  errors: readonly ProblemType[],
  basePath: string,
  language: Language,
): string {
  const { title } = catalogues[language].problemsPage
  const rows = errors.map(({ code, status, title }) => {
    const link = `<a href="${basePath}/problems/${escaped(code)}"><code>${escaped(code)}</code></a>`
    return `<li>${status} ${link} ${escaped(title)}</li>`
  })
  return page(language, title, `<h1>${escaped(title)}</h1>\n<ul>\n${rows.join('\n')}\n</ul>`)
}

function page(language: Language, title: string, content: string): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Latchkey</title>
<style>${style}</style>
</head>
<body>
${content}
</body>
</html>
`
}

/** Texts of the table, with \`code\` between backticks. */
function escaped(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}
