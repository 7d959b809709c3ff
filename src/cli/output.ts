import { english } from '../languages/languages.ts'
import { tell } from '../languages/text.ts'
import { isLocked } from '../platform/database/database.ts'
import { ApiError, type Issue } from '../platform/errors/api-error.ts'
import { ValidationFailed } from '../platform/errors/table.ts'
import type { Io } from './io.ts'
import { type Question, type Result, UsageError } from './word.ts'

/** Prints a result: with `--json` one document on standard output. @returns the exit code */
export async function printResult(
  io: Io,
  { text, json, exitCode = 0 }: Result,
  isJson: boolean,
): Promise<number> {
  if (isJson) await io.out(`${JSON.stringify(json, null, 2)}\n`)
  else await io.out(`${text}\n`)
  return exitCode
}

/** Prints an error: with `--json` one line on standard error. @returns the exit code */
export function printError(io: Io, error: unknown, isJson: boolean): number {
  const text = textOf(error, isJson)
  io.err(`${isJson ? JSON.stringify(bodyOf(error, text)) : text}\n`)
  return error instanceof UsageError ? 2 : 1
}

const LOCKED =
  'The database is locked: another process holds it. Try again; if that does not help, end what holds it, such as a shell of sqlite3 or a copy of the file.'

function textOf(error: unknown, isJson: boolean): string {
  if (isLocked(error)) return LOCKED
  if (error instanceof Error && isLocked(error.cause)) return LOCKED
  // In JSON they have a member of their own.
  if (!isJson && error instanceof ApiError && ValidationFailed.is(error) && error.errors)
    return issuesOf(error.errors)
      .map(({ pointer, detail }) => `--${pointer.slice(1)}: ${detail}`)
      .join('\n')
  return error instanceof Error ? error.message : String(error)
}

function bodyOf(error: unknown, detail: string) {
  if (error instanceof UsageError) return { code: 'wrong_usage', detail }
  if (!(error instanceof ApiError)) return { code: 'failed', detail }
  const { definition, errors } = error
  return { code: definition.code, detail, ...(errors ? { errors: issuesOf(errors) } : {}) }
}

/** @throws UsageError where nobody can answer; Error when the answer is not yes */
export async function confirm({ ask }: Io, { text, word }: Question): Promise<void> {
  if (!ask) throw new UsageError(`${text}\nNobody can answer here: add --yes if that is meant.`)
  const answer = await ask(word === undefined ? `${text} [y/N] ` : `${text} Type ${word}: `)
  const isMeant = word === undefined ? /^y(es)?$/i.test(answer.trim()) : answer.trim() === word
  if (!isMeant) throw new Error('Nothing was done.')
}

/** Rows of cells as columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(visible))
  const widths = (shown[0] ?? []).map((_, at) =>
    Math.max(...shown.map((row) => row[at]?.length ?? 0)),
  )
  const line = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0))
  return shown.map((row) => line(row).join('  ').trimEnd()).join('\n')
}

/** Names may hold characters that a terminal does not show, or that turn the text around. */
function visible(cell: string): string {
  return cell.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
}

const issuesOf = (issues: readonly Issue[]) =>
  issues.map(({ pointer, code, detail }) => ({ pointer, code, detail: tell(detail, english) }))
