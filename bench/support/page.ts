import { readFileSync, writeFileSync } from 'node:fs'

const BEGIN = /<!-- Figures: [^>]* -->\n/
const END = '<!-- End of the figures. -->'

/**
 * Puts new figures between the marks of a page in docs/; the prose around them is written by hand.
 * @throws Error when the page has no marks
 */
export function writeFigures(page: string, figures: string): void {
  const file = new URL(`../../docs/${page}`, import.meta.url)
  const text = readFileSync(file, 'utf8')
  const begin = BEGIN.exec(text)
  const end = text.indexOf(END)
  if (!begin || end < begin.index) throw new Error(`docs/${page} has no marks for its figures`)
  const from = begin.index + begin[0].length
  const wrapped = figures.trim().replace(/^(?![|#]).{121,}$/gm, wrap)
  writeFileSync(file, `${text.slice(0, from)}\n${wrapped}\n\n${text.slice(end)}`)
}

/** As all prose in docs/ is. */
function wrap(line: string): string {
  const parts = line.match(/\S.{0,117}(?=\s|$)/g) ?? [line]
  return parts.join(line.startsWith('- ') ? '\n  ' : '\n')
}
