import { isLoopback, list, refuse } from './config-readers.ts'

// Readers of settings that hold secrets: no refusal here repeats any part of the text.

const SECRET_MIN_BYTES = 32
const SECRET_MAX_BYTES = 1024
const SECRETS_MAX = 8
const MIN_DISTINCT = 8
const MIN_PERIOD = 16
const DATABASE_PASSWORD_MIN = 8
const MYSQL_PARAMETERS = new Set(['ssl', 'allowPublicKeyRetrieval'])
const SAMPLE_WORDS =
  /change[-_ ]?(me|it|this)|secret|passwor[dt]|example|sample|placeholder|latchkey|default|insecure|replace|qwert|asdfgh|letmein|12345678|development/i

export const SECRET_CURE =
  "make one with: node -p \"require('crypto').randomBytes(48).toString('base64url')\""

/** Master secrets, newest first, separated by commas: each long, random-looking, listed once. */
export function masterSecrets(text: string): Buffer[] {
  const secrets = list(text)
  if (secrets.length === 0) refuse(`it is empty; ${SECRET_CURE}`)
  if (secrets.length > SECRETS_MAX)
    refuse(`it lists ${secrets.length} secrets; ${SECRETS_MAX} are the most`)
  if (new Set(secrets).size < secrets.length)
    refuse('it lists a secret twice; take one of them out')
  return secrets.map((secret, index) => masterSecret(secret, secrets.length > 1 ? index + 1 : 0))
}

function masterSecret(secret: string, place: number): Buffer {
  const which = place > 0 ? `secret number ${place}` : 'it'
  const bytes = Buffer.from(secret)
  if (bytes.length < SECRET_MIN_BYTES) {
    refuse(`${which} has fewer than ${SECRET_MIN_BYTES} bytes; ${SECRET_CURE}`)
  }
  if (bytes.length > SECRET_MAX_BYTES) refuse(`${which} has more than ${SECRET_MAX_BYTES} bytes`)
  if (isGuessable(secret)) refuse(`${which} is a sample or easy to guess; ${SECRET_CURE}`)
  return bytes
}

/** Few different characters, a short pattern again and again, an alphabet, or a word of a sample. */
function isGuessable(secret: string): boolean {
  return (
    new Set(secret).size < MIN_DISTINCT ||
    period(secret) <= MIN_PERIOD ||
    isMostlySequential(secret) ||
    SAMPLE_WORDS.test(secret)
  )
}

/** After how many characters the text begins again; its own length when it never does. */
function period(text: string): number {
  for (let length = 1; length < text.length; length++) {
    if (text.startsWith(text.slice(length))) return length
  }
  return text.length
}

function isMostlySequential(text: string): boolean {
  let steps = 0
  for (let index = 1; index < text.length; index++) {
    const step = text.charCodeAt(index) - text.charCodeAt(index - 1)
    if (step === 1 || step === -1) steps++
  }
  return steps * 2 > text.length
}

/** A SQLite file or a MySQL server with the name of a database. */
export function databaseUrl(text: string): string {
  if (text.startsWith('file:')) return sqliteUrl(text)
  if (text.startsWith('mysql://')) return mysqlUrl(text)
  return refuse(
    'it must begin with file: (SQLite) or mysql:// (MySQL, MariaDB), such as file:./data/latchkey.db',
  )
}

function sqliteUrl(text: string): string {
  const path = text.slice('file:'.length)
  if (path === '' || /[?#]|:memory:/.test(path) || /[/\\]$/.test(path)) {
    refuse(
      'after file: comes the path of one file without ? or #, such as file:./data/latchkey.db; a database in memory would forget its accounts',
    )
  }
  return text
}

function mysqlUrl(text: string): string {
  const shape =
    'it must look like mysql://user:password@host:3306/database, with special characters percent-encoded'
  const url = URL.canParse(text) ? new URL(text) : refuse(shape)
  if (url.hostname === '' || url.hash !== '' || !isDecodable(url)) refuse(shape)
  if (!/^\/[^/]+$/.test(url.pathname)) refuse(`the name of the database is missing; ${shape}`)
  if (!areKnown(url.searchParams)) {
    refuse('after the ? only ssl and allowPublicKeyRetrieval are known, each once, true or false')
  }
  return text
}

/** A misspelt ssl would leave the connection open to readers, so nothing unknown is let pass. */
function areKnown(parameters: URLSearchParams): boolean {
  const entries = [...parameters]
  const names = new Set(entries.map(([name]) => name))
  return (
    names.size === entries.length &&
    entries.every(([name, value]) => MYSQL_PARAMETERS.has(name) && /^(true|false)$/.test(value))
  )
}

function isDecodable(url: URL): boolean {
  try {
    return [url.username, url.password, url.pathname].map(decodeURIComponent).length > 0
  } catch {
    return false
  }
}

/** Why the password in a MySQL address is no password for production; undefined when it is one. */
export function databasePasswordFault(databaseAddress: string): string | undefined {
  if (!databaseAddress.startsWith('mysql://')) return undefined
  const { hostname, username, password } = new URL(databaseAddress)
  if (isLoopback(hostname)) return undefined
  const isWeak =
    password.length < DATABASE_PASSWORD_MIN || password === username || SAMPLE_WORDS.test(password)
  return isWeak
    ? 'in production the database needs a password that is not short, not a sample and not the user name'
    : undefined
}

/** A query would be options of the library, so none is let pass; the path is the number of a database. */
function isRedis(url: URL): boolean {
  const hasMore = url.search !== '' || url.hash !== ''
  return (
    /^rediss?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    isDecodable(url) &&
    !hasMore &&
    /^(\/\d{0,4})?$/.test(url.pathname)
  )
}

/** The address of a Redis server; an empty text means none. */
export function redisUrl(text: string): string | undefined {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !isRedis(url)) {
    refuse(
      'it must look like redis://user:password@host:6379/0, or rediss:// with TLS; leave it empty for none',
    )
  }
  return text
}
