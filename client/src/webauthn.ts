/** What `navigator.credentials` takes and gives, as far as the client looks at it. */
type Credential = {
  id: string
  rawId: ArrayBuffer
  type: string
  authenticatorAttachment?: string | null
  response: Record<string, unknown> & { getTransports?(): string[] }
  getClientExtensionResults(): object
  toJSON?(): object
}
type Container = Record<'create' | 'get', (options: object) => Promise<Credential | null>>

type Signals = {
  signalAllAcceptedCredentials?(details: object): Promise<void>
  signalCurrentUserDetails?(details: object): Promise<void>
}
type Platform = Signals & {
  parseCreationOptionsFromJSON?(json: object): object
  parseRequestOptionsFromJSON?(json: object): object
  isConditionalMediationAvailable?(): Promise<boolean>
}

type Json = Record<string, unknown> & { id?: string }

/** Undefined where there is no WebAuthn. */
export function platform(): Platform | undefined {
  return (globalThis as { PublicKeyCredential?: Platform }).PublicKeyCredential
}

function container(): Container {
  return (globalThis as unknown as { navigator: { credentials: Container } }).navigator.credentials
}

/** Makes a passkey. @returns it as JSON; undefined if the user did not want to */
export function create(json: object, signal?: AbortSignal): Promise<object | undefined> {
  const publicKey = platform()?.parseCreationOptionsFromJSON?.(json) ?? decoded(json as Json)
  return unlessCancelled(container().create({ publicKey, signal }))
}

/** Uses one. @returns it as JSON; undefined if the user did not want to, or `signal` fired */
export function use(
  json: object,
  options: { mediation?: string; signal?: AbortSignal | undefined } = {},
): Promise<object | undefined> {
  const publicKey = platform()?.parseRequestOptionsFromJSON?.(json) ?? decoded(json as Json)
  return unlessCancelled(container().get({ publicKey, ...options }))
}

async function unlessCancelled(work: Promise<Credential | null>): Promise<object | undefined> {
  try {
    const credential = await work
    return credential ? (credential.toJSON?.() ?? encoded(credential)) : undefined
  } catch (error) {
    if (['NotAllowedError', 'AbortError'].includes((error as Error).name)) return undefined
    throw error
  }
}

/** Options with bytes, for browsers that cannot read the JSON. */
function decoded(json: Json): object {
  const { challenge, user, allowCredentials, excludeCredentials } = json
  const list = (given: unknown) => (given as Json[] | undefined)?.map(withBytes)
  return {
    ...json,
    challenge: bytesOf(challenge as string),
    ...(user ? { user: withBytes(user as Json) } : {}),
    allowCredentials: list(allowCredentials),
    excludeCredentials: list(excludeCredentials),
  }
}

function withBytes({ id = '', ...others }: Json): object {
  return { ...others, id: bytesOf(id) }
}

/** For browsers whose credentials have no `toJSON`. */
function encoded(credential: Credential): object {
  const { id, rawId, type, authenticatorAttachment, response } = credential
  const names = [
    ...['clientDataJSON', 'attestationObject'],
    ...['authenticatorData', 'signature', 'userHandle'],
  ]
  const parts = names
    .filter((name) => response[name])
    .map((name) => [name, textOf(response[name] as ArrayBuffer)])
  const transports = response.getTransports?.()
  return {
    ...{
      id,
      rawId: textOf(rawId),
      type,
      authenticatorAttachment: authenticatorAttachment ?? undefined,
    },
    response: { ...Object.fromEntries(parts), transports },
    clientExtensionResults: credential.getClientExtensionResults(),
  }
}

function bytesOf(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
