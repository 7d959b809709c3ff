import type { Io } from './io.ts'

/** What a command tells people, and programs (`--json`). */
export type Result = { text: string; json: unknown; exitCode?: number | undefined }

export type Given = {
  io: Io
  /** In the order of `usage`. */
  args: readonly (string | undefined)[]
  options: Readonly<Record<string, string | boolean | undefined>>
  isJson: boolean
  /** Whether a script may rely on the words of its older name. */
  isOldName: boolean
  /**
   * Asks before something is destroyed, unless `--yes` or an older name has answered.
   * @throws UsageError where nobody can answer; Error when the answer is not yes
   */
  confirm: (question: Question) => Promise<void>
}

/** Yes or no, or a word to type. */
export type Question = { text: string; word?: string }

/** A command. */
export type Word = {
  /** Its name and its arguments, such as `show <name>`. */
  usage: string
  about: string
  /** Whole lines, without `latchkey`. */
  examples: readonly string[]
  /** Flags, and what they say. */
  options?: Readonly<Record<string, string>>
  /** The words that an argument may be. */
  choices?: Readonly<Record<string, readonly string[]>>
  /** An older name at the top, with its arguments: asks nothing, prints what it always did. */
  oldUsage?: string
  /** Loads what it needs. @returns nothing if it continues to run */
  run: (given: Given) => Promise<Result | undefined>
}

/** Commands below one name. */
export type Group = { name: string; about: string; words: readonly Word[] }

/** A command that is called wrongly: exit code 2. */
export class UsageError extends Error {}
