const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BITS = 5

/** Base32 without padding (RFC 4648 6), of whole groups of five bytes. */
export function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(new RegExp(`.{${BITS}}`, 'g')) ?? []
  return groups.map((group) => ALPHABET[Number.parseInt(group, 2)]).join('')
}

type Account = { issuer: string; account: string; secret: string }

/** What the QR code says to an authenticator app (Key URI Format). */
export function otpauthUri({ issuer, account, secret }: Account): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  const fields = {
    ...{ secret, issuer: encodeURIComponent(issuer) },
    ...{ algorithm: 'SHA1', digits: '6', period: '30' },
  }
  const query = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
  return `otpauth://totp/${label}?${query.join('&')}`
}
