import { readFileSync, writeFileSync } from 'node:fs'

const MARK = /<!-- Figures: ([^>]*) -->\n/g
const END = '<!-- End of the figures. -->'

/**
 * Puts new figures between the marks of a page in docs/; the prose around them is written by hand.
 * @param option a part of the command in the mark, where a page has several
 * @throws Error when the page has no marks
 */
export function writeFigures(page: string, figures: string, option = ''): void {
  const file = new URL(`../../docs/${page}`, import.meta.url)
  const text = readFileSync(file, 'utf8')
  const begin = [...text.matchAll(MARK)].find(([, command]) => command?.includes(option))
  const end = text.indexOf(END, begin?.index)
  if (!begin || end < 0) throw new Error(`docs/${page} has no marks for its figures`)
  const from = begin.index + begin[0].length
  const wrapped = figures.trim().replace(/^(?![|#]).{121,}$/gm, wrap)
  writeFileSync(file, `${text.slice(0, from)}\n${wrapped}\n\n${text.slice(end)}`)
}

/** As all prose in docs/ is. */
function wrap(line: string): string {
  const parts = line.match(/\S.{0,117}(?=\s|$)/g) ?? [line]
  return parts.join(line.startsWith('- ') ? '\n  ' : '\n')
}
