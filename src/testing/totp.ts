import { stepOf, totpAt } from '../features/factors/totp.ts'
import { refused } from './refusal.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BITS = 5
const BYTE = 8

/**
 * What an authenticator app shows. @param secret in base32, with or without spaces
 * @param at in milliseconds since 1970 @throws ValidationFailed for a secret that is not base32
 */
export function totpCode(secret: string, at: number): string {
  return totpAt(bytesOf(secret), stepOf(at))
}

/** Reads base32 (RFC 4648 6); what is left of the last group is padding. */
function bytesOf(secret: string): Buffer {
  const letters = secret.toUpperCase().replaceAll(/[\s=-]/g, '')
  if (!/^[A-Z2-7]+$/.test(letters))
    throw refused('The secret of an app is base32: A-Z and 2-7.', '/secret')
  const bits = [...letters]
    .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(BITS, '0'))
    .join('')
  const bytes = bits.match(new RegExp(`.{${BYTE}}`, 'g')) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}
