import type { Reader } from './readers.ts'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

type Row<Value> = {
  /** Text of docs/settings.md. */
  readonly description: string
  readonly read: Reader<Value>
  /** A secret may also come from a file that NAME_FILE names; no message repeats it. */
  readonly isSecret?: true
  /** Whether an empty text means "none"; otherwise it is an error. */
  readonly mayBeEmpty?: true
}

/** Used when a setting is not given. */
export type Default = string | { readonly production: string; readonly development: string }

export type Setting<Name extends string = string, Value = unknown> = Row<Value> & {
  readonly name: Name
  readonly default?: Default
  /** Text of docs/settings.md instead of a default. */
  readonly defaultNote?: string
}

/** Settings by their path in the configuration. */
export type Table = { readonly [key: string]: Setting | Table }

export type NamesIn<Part> =
  Part extends Setting<infer Name> ? Name : { [Key in keyof Part]: NamesIn<Part[Key]> }[keyof Part]

/** The values of a table, by the same keys. */
export type ValuesOf<Part> = {
  readonly [Key in keyof Part]: Part[Key] extends Setting<string, infer Value>
    ? Value
    : ValuesOf<Part[Key]>
}

/** The same, with undefined for settings that could not be read. */
export type DraftOf<Part> = {
  readonly [Key in keyof Part]: Part[Key] extends Setting<string, infer Value>
    ? Value | undefined
    : DraftOf<Part[Key]>
}

export function setting<const Name extends string, Value>(
  name: Name,
  row: Row<Value> & { default: Default },
): Setting<Name, Value> {
  return { name, ...row }
}

/** A setting whose value is undefined while it is not given. */
export function optionalSetting<const Name extends string, Value>(
  name: Name,
  row: Row<Value> & { defaultNote: string },
): Setting<Name, Value | undefined> {
  return { name, ...row }
}

export function settingsIn(table: Table): Setting[] {
  return Object.values(table).flatMap((part) => (isSetting(part) ? part : settingsIn(part)))
}

/** Reads each setting of a table. */
export function readTable<Part extends Table>(
  table: Part,
  read: (setting: Setting) => unknown,
): DraftOf<Part> {
  const values = Object.entries(table).map(([key, part]) => [
    key,
    isSetting(part) ? read(part) : readTable(part, read),
  ])
  // The keys are those of the table, and the readers decide the types.
  return Object.fromEntries(values) as DraftOf<Part>
}

function isSetting(part: Setting | Table): part is Setting {
  return typeof part.read === 'function'
}
