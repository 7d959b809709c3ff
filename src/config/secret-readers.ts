import { list, refuse } from './readers.ts'

// No message here repeats any part of a secret.

const SECRET_MIN_BYTES = 32
const SECRET_MAX_BYTES = 1024
const SECRETS_MAX = 8
const MIN_DISTINCT = 8
const MIN_PERIOD = 16
export const SAMPLE_WORDS =
  /change[-_ ]?(me|it|this)|secret|passwor[dt]|example|sample|placeholder|latchkey|default|insecure|replace|qwert|asdfgh|letmein|12345678|development/i

export const SECRET_FIX =
  "make one with: node -p \"require('crypto').randomBytes(48).toString('base64url')\""

/** Master secrets, newest first, separated by commas: each long, random-looking, listed once. */
export function masterSecrets(text: string): readonly Buffer[] {
  const secrets = list(text)
  if (secrets.length === 0) refuse(`it is empty; ${SECRET_FIX}`)
  if (secrets.length > SECRETS_MAX)
    refuse(`it lists ${secrets.length} secrets; the maximum is ${SECRETS_MAX}`)
  if (new Set(secrets).size < secrets.length) refuse('it lists a secret twice; remove one of them')
  return secrets.map((secret, index) => masterSecret(secret, secrets.length > 1 ? index + 1 : 0))
}

function masterSecret(secret: string, position: number): Buffer {
  const which = position > 0 ? `secret number ${position}` : 'it'
  const bytes = Buffer.from(secret)
  if (bytes.length < SECRET_MIN_BYTES) {
    refuse(`${which} has fewer than ${SECRET_MIN_BYTES} bytes; ${SECRET_FIX}`)
  }
  if (bytes.length > SECRET_MAX_BYTES) refuse(`${which} has more than ${SECRET_MAX_BYTES} bytes`)
  if (isGuessable(secret)) refuse(`${which} is a sample or easy to guess; ${SECRET_FIX}`)
  return bytes
}

/** Few distinct characters, a repeated pattern, an alphabet, or a word of a sample. */
function isGuessable(secret: string): boolean {
  return (
    new Set(secret).size < MIN_DISTINCT ||
    period(secret) <= MIN_PERIOD ||
    isMostlySequential(secret) ||
    SAMPLE_WORDS.test(secret)
  )
}

/** After how many characters the text repeats; its length when it never does. */
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
