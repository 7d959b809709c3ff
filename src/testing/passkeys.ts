import { randomUUID } from 'node:crypto'
import { NotFound } from '../platform/errors/table.ts'
import { type Authenticator, createAuthenticator } from './authenticator.ts'
import { refused } from './refusal.ts'

/** As far as an authenticator reads them (WebAuthn 3 5.1.8 to 5.1.10). */
type CreationOptions = {
  challenge?: string
  rp?: { id?: string }
  user?: { id?: string }
  excludeCredentials?: { id: string }[]
}
type RequestOptions = {
  challenge?: string
  rpId?: string
  allowCredentials?: { id: string }[]
}

type Credential = { rpId: string; key: Authenticator }

/** Authenticators in software, each with the credentials that were made with it. */
export function createPasskeyDevices() {
  const devices = new Map<string, Credential[]>()

  /** @returns its id */
  function add(): string {
    const id = randomUUID()
    devices.set(id, [])
    return id
  }

  /** @throws NotFound */
  function deviceOf(id: string): Credential[] {
    const device = devices.get(id)
    if (!device) throw NotFound({ detail: 'There is no such passkey.' })
    return device
  }

  /** Makes a credential. @param origin of the page @throws ValidationFailed, NotFound */
  function create(id: string, options: CreationOptions, origin: string): object {
    const device = deviceOf(id)
    const { challenge, rp, user, excludeCredentials = [] } = options
    const rpId = rp?.id ?? new URL(origin).hostname
    if (challenge === undefined || user?.id === undefined) throw incomplete()
    if (device.some(({ key }) => excludeCredentials.some((one) => one.id === key.id))) {
      throw refused('The authenticator has a credential of this account.')
    }
    const key = createAuthenticator({ origin, rpId, userHandle: user.id })
    device.push({ rpId, key })
    return key.create(challenge)
  }

  /** Uses the newest credential that fits. @throws ValidationFailed, NotFound */
  function get(id: string, options: RequestOptions, origin: string): object {
    const { challenge, rpId = new URL(origin).hostname, allowCredentials = [] } = options
    if (challenge === undefined) throw incomplete()
    const isAllowed = (key: Authenticator) =>
      allowCredentials.length === 0 || allowCredentials.some((one) => one.id === key.id)
    const found = deviceOf(id).findLast((one) => one.rpId === rpId && isAllowed(one.key))
    if (!found) throw refused('The authenticator has no credential that these options allow.')
    return found.key.use(challenge)
  }

  return { add, create, get, clear: () => devices.clear() }
}

function incomplete() {
  return refused('Send the options of the server as they are, such as `passkey` of a challenge.')
}
