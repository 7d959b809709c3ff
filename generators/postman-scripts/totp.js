const hashing = require('crypto-js')

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What an authenticator app shows now (RFC 6238). */
export function codeOf(secret) {
  const bits = [...secret].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('')
  const key = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2).toString(16).padStart(2, '0'))
  const step = Math.floor(Date.now() / 30000)
    .toString(16)
    .padStart(16, '0')
  const [counter, seed] = [step, key.join('')].map((hex) => hashing.enc.Hex.parse(hex))
  const digest = hashing.HmacSHA1(counter, seed).toString()
  const offset = parseInt(digest.at(-1), 16) * 2
  const number = parseInt(digest.slice(offset, offset + 8), 16) & 0x7fffffff
  return String(number % 1000000).padStart(6, '0')
}
