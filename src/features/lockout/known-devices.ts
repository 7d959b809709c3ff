import { randomBytes } from 'node:crypto'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import { createTextSigner } from '../../platform/crypto/signed-text.ts'

/** Accounts that one browser is remembered for; the oldest is evicted. */
const ACCOUNTS_PER_BROWSER = 5
const ID_BYTES = 16
/** 128 and 256 bits in base64url. */
const ENTRY = /^[\w-]{22}\.[\w-]{43}$/
const MAX_LENGTH = ACCOUNTS_PER_BROWSER * 67

type Account = { id: string; credentialVersion: number }

export type KnownDevices = ReturnType<typeof createKnownDevices>

/**
 * Device cookies: the accounts that have signed in on a browser or an app (OWASP, "Slow Down Online
 * Guessing Attacks with Device Cookies"). An entry is a random device id and a MAC over this id,
 * the account and its password version. It grants no access: guesses with it count separately,
 * until the password changes. It does not name the account, and the server stores nothing.
 */
export function createKnownDevices(secrets: MasterSecrets) {
  const { codeFor, isCodeFor } = createTextSigner(secrets.deriveKeys('latchkey known devices'))

  /** @returns the id of the device if the account has signed in on it before */
  function recognize(cookie: string | undefined, account: Account): string | undefined {
    const known = entriesOf(cookie).find((entry) => isFor(entry, account))
    return known?.split('.', 1)[0]
  }

  /** Puts the account first in the cookie. @param device from `recognize`; otherwise a new id */
  function remember(cookie: string | undefined, account: Account, device = newId()): string {
    const others = entriesOf(cookie).filter((entry) => !isFor(entry, account))
    const entry = `${device}.${codeFor(textOf(device, account))}`
    return [entry, ...others].slice(0, ACCOUNTS_PER_BROWSER).join('~')
  }

  function isFor(entry: string, account: Account): boolean {
    const [id = '', code = ''] = entry.split('.')
    return isCodeFor(code, textOf(id, account))
  }

  return { recognize, remember }
}

const newId = () => randomBytes(ID_BYTES).toString('base64url')

function entriesOf(cookie = ''): string[] {
  if (cookie.length > MAX_LENGTH) return []
  return cookie.split('~').filter((entry) => ENTRY.test(entry))
}

function textOf(device: string, { id, credentialVersion }: Account): string {
  return `${device}.${id}.${credentialVersion}`
}
