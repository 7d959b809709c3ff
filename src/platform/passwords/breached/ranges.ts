import * as http from 'node:http'
import * as https from 'node:https'

/** Longer answers are not read; a padded range has some 60 KB. */
const LONGEST_ANSWER = 1024 * 1024
const PREFIX_LENGTH = 5
const SUFFIXES = /^(?:[0-9A-F]{35}:\d{1,20}(?:\r?\n|$))+$/i
const HEADERS = { 'add-padding': 'true', 'user-agent': 'Latchkey' }

/**
 * Asks the API of Pwned Passwords: five digits of a hash leave this server (k-anonymity), and
 * padding hides which. Errors name neither.
 */
export function createRanges(address: string) {
  const { Agent, request } = address.startsWith('http:') ? http : https
  const agent = new Agent({ keepAlive: true })

  return async function isListed(hash: string, signal: AbortSignal): Promise<boolean> {
    const range = `${address}/range/${hash.slice(0, PREFIX_LENGTH)}`
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      request(range, { agent, headers: HEADERS, signal }, resolve).on('error', reject).end()
    })
    const text = await textOf(response)
    if (!SUFFIXES.test(text)) throw new Error('the answer is not a list of hashes')
    return hasEntry(text, hash.slice(PREFIX_LENGTH))
  }
}

/** Whether a line names it, with a count above zero: padding has zero. */
export function hasEntry(lines: string, hash: string): boolean {
  return new RegExp(`^${hash}:0*[1-9]`, 'im').test(lines)
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const { statusCode } = response
  if (statusCode !== 200) {
    response.destroy()
    throw new Error(`the answer has the status ${statusCode}`)
  }
  const parts: Buffer[] = []
  let length = 0
  // Leaving the loop early closes the connection.
  for await (const part of response) {
    length += part.length
    if (length > LONGEST_ANSWER) throw new Error('the answer is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('latin1')
}
