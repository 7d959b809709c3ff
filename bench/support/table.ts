import type { Spread } from './statistics.ts'

/** A Markdown table with aligned columns, so that it reads well in a terminal, too. */
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

/** A number with three significant digits or all before the point: 12,345, 123, 12.3, 1.23. */
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

/** A whole number with commas. */
export function amount(count: number): string {
  return Math.round(count).toLocaleString('en')
}

export function milliseconds(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0)
}

function length(text: string | undefined): number {
  return text?.length ?? 0
}
