import type { BreachSource } from '../platform/passwords/breached/breached-passwords.ts'
import { issueOfHashFile } from '../platform/passwords/breached/hash-file.ts'
import { attempt, publicUrl, refuse } from './readers.ts'
import { isThisMachine } from './remote.ts'

const SHAPE = 'an address must be https, such as https://api.pwnedpasswords.com'

/** The address of a range API, or the path of a file, which is looked at; an empty text is none. */
export function breachSource(text: string): BreachSource {
  if (text === '') return undefined
  if (/^https?:/i.test(text)) return ranges(text)
  if (/\p{Cc}/u.test(text)) refuse('it has a control character; write the path of a file')
  if (/^[\w+.-]+:\/\//.test(text)) refuse(SHAPE)
  const issue = issueOfHashFile(text)
  return issue === undefined ? { kind: 'file', path: text } : refuse(issue)
}

function ranges(text: string): BreachSource {
  const read = attempt(() => publicUrl(text))
  if ('invalid' in read) return refuse(`${SHAPE}, without user, query or fragment`)
  const address = read.value.href
  const { protocol, hostname } = new URL(address)
  if (protocol === 'http:' && !isThisMachine(hostname)) refuse(SHAPE)
  return { kind: 'ranges', address }
}
