/** Crockford's Base32: without letters that look like digits, and without U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 16
const GROUP = /.{4}(?=.)/g
const PLAIN = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`)

/** Bytes of a code: 80 bits. */
export const CODE_BYTES = 10

/** `K4M9-X7QP-2AB8-HT3Z`. */
export function spelledCode(bytes: Buffer): string {
  const number = BigInt(`0x${bytes.toString('hex')}`)
  const digits = Array.from({ length: LENGTH }, (_, index) => {
    const shift = BigInt(5 * (LENGTH - 1 - index))
    return ALPHABET[Number((number >> shift) & 31n)]
  })
  return digits.join('').replaceAll(GROUP, '$&-')
}

/**
 * A code as it is hashed, however it was typed: case, spaces and hyphens do not matter, and what
 * looks alike is alike. @returns undefined for any other text
 */
export function plainRecoveryCode(typed: string): string | undefined {
  const code = typed
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll(/[IL]/g, '1')
    .replaceAll('O', '0')
  return PLAIN.test(code) ? code : undefined
}
