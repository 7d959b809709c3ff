import type { Plugin } from 'vite'
import { adminPages } from '../src/languages/admin-pages.ts'
import { escapeHtml } from '../src/platform/html.ts'

/** `{{users.empty}}`, or `{{lists.found|<b></b>}}` with the HTML of what stands in the text. */
const PLACE = /\{\{([\w.]+)((?:\|[^|}]*)*)\}\}/g

const COMMENT = /<!--.*?-->\n/gs

/** Writes the page once for each language, `en.html` and so on, in place of `index.html`. */
export const languages: Plugin = {
  name: 'languages',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const page = bundle['index.html']
    if (page?.type !== 'asset') throw new Error('Vite has made no page.')
    delete bundle['index.html']
    const html = String(page.source).replaceAll(COMMENT, '')
    for (const [tag, texts] of Object.entries(adminPages)) {
      const source = translated(html, { tag, ...texts })
      this.emitFile({ type: 'asset', fileName: `${tag}.html`, source })
    }
  },
}

function translated(html: string, texts: object): string {
  return html.replaceAll(PLACE, (_, path: string, parts: string) => {
    const text = path.split('.').reduce<unknown>((part, name) => Object(part)[name], texts)
    return filled(text, parts.split('|').slice(1), path)
  })
}

function filled(text: unknown, parts: string[], path: string): string {
  if (typeof text === 'string') return escapeHtml(text)
  if (Array.isArray(text)) return escapeHtml(text.join())
  if (typeof text === 'function') {
    // Escapes the text alone: the parts are HTML of index.html.
    const told: string = text(...parts.map((_, index) => `\0${index}\0`))
    return escapeHtml(told).replaceAll(/\0(\d+)\0/g, (_, index) => parts[index] ?? '')
  }
  if (text === undefined) throw new Error(`index.html asks for ${path}, which is no text.`)
  return escapeHtml(JSON.stringify(text))
}
