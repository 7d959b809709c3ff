import { isEmailAddress } from '../platform/identity.ts'
import { refuse } from './readers.ts'

// Messages never repeat the URL, which may hold a password.

const SHAPE =
  'it must look like smtps://user:password@host:465 (TLS from the start) or smtp://user:password@host:587 (STARTTLS), with special characters percent-encoded; leave it empty for none'
const PORTS: Record<string, number> = { 'smtps:': 465, 'smtp:': 587 }
/** The name is shown as it is, so it has no sign that means something in a header. */
const SENDER = /^(?:(?<name>[^\p{Cc}"<>()[\],;:@\\]{1,64}) <(?<named>[^<>]+)>|(?<bare>[^<>]+))$/u

/** SMTP_URL, parsed. Empty texts stand for no user and no password. */
export type SmtpAddress = {
  readonly host: string
  readonly port: number
  /** TLS from the first byte, instead of STARTTLS. */
  readonly isEncrypted: boolean
  readonly user: string
  readonly password: string
}

/** Parses the URL of a mail relay; an empty text means none. */
export function smtpUrl(text: string): SmtpAddress | undefined {
  if (text === '') return undefined
  if (!/^smtps?:\/\/[^/?#\s]+$/i.test(text) || !URL.canParse(text)) refuse(SHAPE)
  const { protocol, hostname, port, username, password } = new URL(text)
  if (hostname === '' || (username === '') !== (password === '')) refuse(SHAPE)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    isEncrypted: protocol === 'smtps:',
    user: decoded(username),
    password: decoded(password),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse(SHAPE)
  }
}

/** Who a mail is from. */
export type Sender = { readonly name: string; readonly address: string }

/** `no-reply@example.org`, or `Example <no-reply@example.org>`. */
export function sender(text: string): Sender {
  const { name = '', named, bare } = SENDER.exec(text)?.groups ?? {}
  const address = named ?? bare ?? ''
  if (!isEmailAddress(address)) {
    refuse('it must be one address, such as no-reply@example.org or Example <no-reply@example.org>')
  }
  return { name: name.trim(), address }
}
