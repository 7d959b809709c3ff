import { createHmac, randomBytes } from 'node:crypto'
import { type MasterSecrets, newest } from './master-secret.ts'
import { isSameText } from './same-text.ts'

/** Accounts that one browser is remembered for; beyond that the oldest is forgotten. */
const ACCOUNTS_PER_BROWSER = 5
const ID_BYTES = 16
/** 128 and 256 bits in base64url. */
const ENTRY = /^[\w-]{22}\.[\w-]{43}$/
const MAX_LENGTH = ACCOUNTS_PER_BROWSER * 67

type Account = { id: string; credentialVersion: number }

export type KnownDevices = ReturnType<typeof createKnownDevices>

/**
 * Device cookies: what a browser or an app keeps of the accounts that have signed in on it (OWASP,
 * "Slow Down Online Guessing Attacks with Device Cookies"). An entry is a random id of the device and
 * a code (HMAC with SHA-256, RFC 2104) over the id, the account and the version of its password. It
 * opens nothing: whoever shows one may guess on a count of its own, until the password is changed. The
 * account is not named in it, and nothing is stored here.
 */
export function createKnownDevices(secrets: MasterSecrets) {
  const keys = secrets.deriveKeys('latchkey known devices')

  /**
   * @param cookie as it came; anything that was not made here is passed over
   * @returns the id of the device if the account has signed in on it before
   */
  function recognize(cookie: string | undefined, account: Account): string | undefined {
    const known = entriesOf(cookie).find((entry) => isFor(entry, account))
    return known?.split('.', 1)[0]
  }

  /**
   * @param device the id that `recognize` gave; without it the device gets a new one
   * @returns the cookie with this account in front of the others
   */
  function remember(cookie: string | undefined, account: Account, device = newId()): string {
    const others = entriesOf(cookie).filter((entry) => !isFor(entry, account))
    const entry = `${device}.${codeOf(device, account, newest(keys).key)}`
    return [entry, ...others].slice(0, ACCOUNTS_PER_BROWSER).join('~')
  }

  function isFor(entry: string, account: Account): boolean {
    const [id = '', code = ''] = entry.split('.')
    return keys.some(({ key }) => isSameText(code, codeOf(id, account, key)))
  }

  return { recognize, remember }
}

const newId = () => randomBytes(ID_BYTES).toString('base64url')

function entriesOf(cookie = ''): string[] {
  if (cookie.length > MAX_LENGTH) return []
  return cookie.split('~').filter((entry) => ENTRY.test(entry))
}

function codeOf(device: string, { id, credentialVersion }: Account, key: Buffer): string {
  return createHmac('sha256', key)
    .update(`${device}.${id}.${credentialVersion}`)
    .digest('base64url')
}
