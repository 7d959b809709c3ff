import type { Spread } from './spread.ts'

/** A Markdown table whose columns stand below each other, so that a terminal shows it, too. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => length(row[at]))))
  const isText = head.map((_, at) => at === 0 || rows.some((row) => /[a-z]{4}/.test(row[at] ?? '')))
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const pad = (cell: string, at: number) =>
    isText[at] ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
  const rule = widths.map((width, at) =>
    isText[at] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(head.map(pad)), line(rule), ...rows.map((row) => line(row.map(pad)))].join('\n')
}

/** A number that is as precise as it is worth: 12,345, 123, 12.3, 1.23. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** The median, and what all rounds lie between. */
export function spreadText({ median, min, max }: Spread): string {
  return min === max ? figure(median) : `${figure(median)} [${figure(min)}–${figure(max)}]`
}

function length(text: string | undefined): number {
  return text?.length ?? 0
}
