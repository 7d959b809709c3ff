import { createHash } from 'node:crypto'
import { catalogues, type Language } from '../../languages/languages.ts'
import { escapeHtml } from '../../platform/html.ts'
import { SCRIPT } from './script.ts'

const STYLE = `:root { color-scheme: light dark; --ground: #f4f6fa; --card: #fff; --text: #1b2430; --soft: #5a6675;
  --line: #d5dce6; --main: #1e4f8f; --on-main: #fff; --good: #17693b; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ground: #10151c; --card: #1a212b; --text: #e8edf4; --soft: #a3b0c0;
  --line: #364252; --main: #8ab8f5; --on-main: #0c1a2c; --good: #7fd3a0; --bad: #ffb4ab } }
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--text); font: 1rem/1.6 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.3 }
p { margin: 0 0 1rem; color: var(--soft) }
fieldset { margin: 0; padding: 0; border: 0 }
label { display: block; margin-bottom: 1rem; font-weight: 600 }
input { display: block; width: 100%; margin-top: .25rem; padding: .6rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: 8px }
input[aria-invalid] { border-color: var(--bad) }
.error { display: block; margin-top: .25rem; font-weight: 400; font-size: .9rem; color: var(--bad) }
button { width: 100%; padding: .7rem; font: inherit; font-weight: 600; color: var(--on-main); background: var(--main);
  border: 0; border-radius: 8px; cursor: pointer }
button:disabled { opacity: .6; cursor: default }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
[role=status] { margin: 0; font-weight: 600 } [role=status]:not(:empty) + form { margin-top: 1rem }
.good { color: var(--good) } .bad { color: var(--bad) }`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The page runs its own script, calls its own server, and nothing else. */
export const PAGE_CSP = [
  "default-src 'none'",
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The page that mailed links lead to; the same for every link.
 * @param basePath what the addresses of the server begin with
 */
export function mailPage(basePath: string, language: Language): string {
  const { script, ...texts } = catalogues[language].mailPage
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(texts.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main data-texts="${escapeHtml(JSON.stringify(script))}">
<h1>${escapeHtml(texts.title)}</h1>
<p id="text"></p>
<noscript><p>${escapeHtml(texts.noScript)}</p></noscript>
<p role="status"></p>
<form action="${basePath}/challenges/answer" hidden>
<fieldset hidden>
${passwordField('newPassword', texts.newPassword)}
${passwordField('newPasswordConfirm', texts.newPasswordAgain)}
</fieldset>
<button>${escapeHtml(texts.confirm)}</button>
</form>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function passwordField(name: string, label: string): string {
  return `<label>${escapeHtml(label)}
<input type="password" name="${name}" autocomplete="new-password" maxlength="512" aria-describedby="${name}-error">
<span class="error" id="${name}-error"></span></label>`
}
