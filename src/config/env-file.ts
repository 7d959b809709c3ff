import { readFileSync } from 'node:fs'

// Node's reader and `dotenv` silently drop unreadable lines, and files in another encoding. Here
// each such line stops the start.

const NAME = /^(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/su
/** A quoted value, with at most a comment after it. */
const QUOTED = /^(["'`])(.*?)\1\s*(?:#.*)?$/su
const CURLY = /^[“”„‘’«»]/u
const COMMENT = /\s#.*$/su
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/u

/**
 * Adds the settings of `.env`, if there is one; the environment wins. @returns the names in the
 * file
 * @throws Error with the number of a line that is not `NAME=value`, without its text
 */
export function loadDotEnv(env: NodeJS.ProcessEnv, path = '.env'): string[] {
  const bytes = bytesOf(path)
  if (!bytes) return []
  const entries = readDotEnv(bytes)
  for (const [name, value] of entries) env[name] ??= value
  return [...entries.keys()]
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    if (code === 'ENOENT') return undefined
    throw new Error(`.env: the file cannot be read (${code}); check its permissions`)
  }
}

/** Reads UTF-8 or UTF-16, with any line ends. */
export function readDotEnv(bytes: Uint8Array): Map<string, string> {
  const entries = new Map<string, string>()
  const lines = new Map<string, number>()
  for (const [index, line] of textOf(bytes)
    .split(/\r\n|\r|\n/)
    .entries()) {
    // Also trims no-break spaces, which come from web pages.
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const number = index + 1
    const [name, value] = entryOf(text, number)
    const first = lines.get(name)
    if (first !== undefined)
      refuse(number, `it sets ${name} again, as line ${first} does; keep one`)
    lines.set(name, number)
    entries.set(name, value)
  }
  return entries
}

function textOf(bytes: Uint8Array): string {
  const encoding = { '255,254': 'utf-16le', '254,255': 'utf-16be' }[bytes.slice(0, 2).join()]
  try {
    return new TextDecoder(encoding ?? 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('.env: it is not text in UTF-8 or UTF-16; save it as UTF-8')
  }
}

function entryOf(text: string, line: number): [name: string, value: string] {
  if (CONTROL.test(text)) refuse(line, 'it has a control character; save the file as UTF-8 text')
  const [, name, rest = ''] = NAME.exec(text) ?? []
  if (name === undefined) refuse(line, 'it is not NAME=value; put a # before it if it is a comment')
  return [name, valueIn(rest, line)]
}

function valueIn(rest: string, line: number): string {
  const text = rest.trim()
  if (CURLY.test(text)) refuse(line, 'its quotes are curly; write " or no quotes')
  if (/^["'`]/.test(text)) {
    return QUOTED.exec(text)?.[2] ?? refuse(line, 'its quotes do not close, or text follows them')
  }
  const value = rest.replace(COMMENT, '').trim()
  if (value.includes('#')) refuse(line, 'a # in a value needs quotes around the value')
  return value
}

function refuse(line: number, fix: string): never {
  throw new Error(`.env, line ${line}: ${fix}`)
}
