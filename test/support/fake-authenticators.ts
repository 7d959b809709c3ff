import type { TestContext } from 'node:test'
import { type Authenticator, createAuthenticator } from '../../src/testing/authenticator.ts'

// `navigator.credentials` and `PublicKeyCredential` of a browser, in front of authenticators in
// software.

type Json = Record<string, unknown>
type Given = { publicKey: Json; mediation?: string; signal?: AbortSignal }
type CreationJson = Json & { challenge: string; user: { id: string }; excludeCredentials: Json[] }

const failure = (name: string) => new DOMException(name, name)

/** What a user does when he is asked. */
type Act = 'use' | 'cancel' | 'wait'

/** @param hasJson whether the browser reads and writes the JSON of WebAuthn 3 */
export function fakeBrowser(t: TestContext, { hasJson = true } = {}) {
  const passkeys: Authenticator[] = []
  const signals: { name: string; details: Json }[] = []
  const requests: { mediation: string; rpId: unknown }[] = []
  const state = { act: 'use' as Act, running: 0, most: 0 }

  async function one<T>(signal: AbortSignal | undefined, work: () => T): Promise<T> {
    if (state.running > 0) throw failure('NotAllowedError')
    state.running += 1
    state.most = Math.max(state.most, state.running)
    try {
      await untilActed(signal)
      return work()
    } finally {
      state.running -= 1
    }
  }

  async function untilActed(signal: AbortSignal | undefined): Promise<void> {
    do {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (signal?.aborted) throw failure('AbortError')
    } while (state.act === 'wait')
    if (state.act === 'cancel') throw failure('NotAllowedError')
  }

  const credentials = {
    create: ({ publicKey, signal }: Given) =>
      one(signal, () => {
        const { challenge, user, excludeCredentials = [] } = jsonOf(publicKey) as CreationJson
        const known = passkeys.some(({ id }) => excludeCredentials.some((other) => other.id === id))
        if (known) throw failure('InvalidStateError')
        const passkey = createAuthenticator({ userHandle: user.id })
        passkeys.push(passkey)
        return credentialOf(passkey.create(challenge), hasJson)
      }),
    get: ({ publicKey, mediation = 'optional', signal }: Given) => {
      const { challenge, rpId } = jsonOf(publicKey) as CreationJson
      requests.push({ mediation, rpId })
      return one(signal, () => {
        const [passkey] = passkeys
        if (!passkey) throw failure('NotAllowedError')
        return credentialOf(passkey.use(challenge), hasJson)
      })
    },
  }
  const note = (name: string) => async (details: Json) => void signals.push({ name, details })
  const platform = {
    isConditionalMediationAvailable: async () => true,
    ...(hasJson
      ? { parseCreationOptionsFromJSON: bytesIn, parseRequestOptionsFromJSON: bytesIn }
      : {}),
    signalAllAcceptedCredentials: note('accepted'),
    signalCurrentUserDetails: note('user'),
    signalUnknownCredential: note('unknown'),
  }
  replace(t, 'navigator', { credentials })
  replace(t, 'PublicKeyCredential', platform)
  return { passkeys, signals, requests, state }
}

function replace(t: TestContext, name: string, value: object): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  t.after(() => {
    if (before) Object.defineProperty(globalThis, name, before)
    else Reflect.deleteProperty(globalThis, name)
  })
}

type Parts = Record<'allowCredentials' | 'excludeCredentials', Json[] | undefined> & { user?: Json }

/** Options with bytes, as a browser reads them. */
function bytesIn(json: Json & Partial<Parts>): Json {
  const withBytes = (part: Json) => ({ ...part, id: bytesOf(part.id) })
  const { user, allowCredentials, excludeCredentials } = json
  return {
    ...json,
    challenge: bytesOf(json.challenge),
    ...(user ? { user: withBytes(user) } : {}),
    allowCredentials: allowCredentials?.map(withBytes),
    excludeCredentials: excludeCredentials?.map(withBytes),
  }
}

/** The other way. @throws TypeError where a browser would: text in the place of bytes */
function jsonOf(options: Json & Partial<Parts>): Json {
  const withText = (part: Json) => ({ ...part, id: textOf(part.id) })
  const { user, allowCredentials, excludeCredentials } = options
  return {
    ...options,
    challenge: textOf(options.challenge),
    ...(user ? { user: withText(user) } : {}),
    allowCredentials: allowCredentials?.map(withText),
    excludeCredentials: excludeCredentials?.map(withText),
  }
}

function bytesOf(text: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(String(text), 'base64url'))
}

function textOf(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('These are no bytes.')
  return Buffer.from(bytes).toString('base64url')
}

type Made = { id: string; rawId: string; type: string; response: Json }

/** A `PublicKeyCredential`, with `toJSON` where the browser is new. */
function credentialOf(json: Made & Json, hasJson: boolean): object {
  if (hasJson) return { ...json, toJSON: () => json }
  const { transports, ...response } = json.response
  const parts = Object.entries(response).map(([name, text]) => [name, bytesOf(text).buffer])
  return {
    ...json,
    rawId: bytesOf(json.rawId).buffer,
    response: {
      ...Object.fromEntries(parts),
      ...(transports ? { getTransports: () => transports } : {}),
    },
    getClientExtensionResults: () => ({}),
  }
}
