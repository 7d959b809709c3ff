import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import { randomBits } from '../../platform/crypto/random.ts'
import { createTextSigner } from '../../platform/crypto/signed-text.ts'

/** Accounts that one browser is remembered for; the oldest is evicted. */
const ACCOUNTS_PER_BROWSER = 5
/** An id of 128 bits and a MAC of 256; with trust, the second it ends in and a MAC of its own. */
const ENTRY = /^[\w-]{22}\.[\w-]{43}(\.\d{1,11}\.[\w-]{43})?$/
const MAX_LENGTH = ACCOUNTS_PER_BROWSER * 123

type Account = { id: string; credentialVersion: number }

export type KnownDevices = ReturnType<typeof createKnownDevices>

/**
 * Device cookies: the accounts that have signed in on a browser or an app (OWASP, "Slow Down Online
 * Guessing Attacks with Device Cookies"). An entry is a random device id and a MAC over this id,
 * the account and its password version. It grants no access: guesses with it count separately,
 * until the password or a factor changes. It does not name the account, and the server stores
 * nothing. A device that its owner trusts may leave out the second factor until the trust ends.
 */
export function createKnownDevices(secrets: MasterSecrets) {
  const { codeFor, isCodeFor } = createTextSigner(secrets.deriveKeys('latchkey known devices'))
  const trust = createTextSigner(secrets.deriveKeys('latchkey trusted devices'))

  /** @returns the id of the device if the account has signed in on it before */
  function recognize(cookie: string | undefined, account: Account): string | undefined {
    const known = entriesOf(cookie).find((entry) => isFor(entry, account))
    return known?.split('.', 1)[0]
  }

  /**
   * Puts the account first in the cookie.
   * @param device from `recognize`; otherwise a new id
   * @param trustedUntil in seconds since 1970; left out, trust stays as it is
   */
  function remember(
    cookie: string | undefined,
    account: Account,
    device = newDeviceId(),
    trustedUntil = trustedEnd(cookie, account),
  ): string {
    const others = entriesOf(cookie).filter((entry) => !isFor(entry, account))
    const entry = `${device}.${codeFor(textOf(device, account))}`
    const end = trustedUntil === undefined ? '' : trustOf(device, account, trustedUntil)
    return [`${entry}${end}`, ...others].slice(0, ACCOUNTS_PER_BROWSER).join('~')
  }

  function trustOf(device: string, account: Account, end: number): string {
    return `.${end}.${trust.codeFor(`${textOf(device, account)}.${end}`)}`
  }

  function trustedEnd(cookie: string | undefined, account: Account): number | undefined {
    const known = entriesOf(cookie).find((entry) => isFor(entry, account))
    const [device = '', , end, code = ''] = known?.split('.') ?? []
    if (end === undefined) return undefined
    return trust.isCodeFor(code, `${textOf(device, account)}.${end}`) ? Number(end) : undefined
  }

  /** Whether the second factor may be left out. @param now in milliseconds */
  function isTrusted(cookie: string | undefined, account: Account, now: number): boolean {
    return (trustedEnd(cookie, account) ?? 0) * 1000 > now
  }

  function isFor(entry: string, account: Account): boolean {
    const [id = '', code = ''] = entry.split('.')
    return isCodeFor(code, textOf(id, account))
  }

  return { recognize, remember, isTrusted }
}

const newDeviceId = () => randomBits().toString('base64url')

function entriesOf(cookie = ''): string[] {
  if (cookie.length > MAX_LENGTH) return []
  return cookie.split('~').filter((entry) => ENTRY.test(entry))
}

function textOf(device: string, { id, credentialVersion }: Account): string {
  return `${device}.${id}.${credentialVersion}`
}
