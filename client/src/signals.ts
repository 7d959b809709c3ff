import type { Factor, Latchkey } from './index.ts'
import { platform, textOf } from './webauthn.ts'

// What the server knows, for the device that keeps the passkeys (WebAuthn 3, signal methods). The
// client never signals an unknown credential: that deletes a passkey, and a refused sign-in does
// not say that it is unknown.

/** Tells the device which passkeys are good, so that it offers no others. @param also removed ones */
export async function signalPasskeys(latchkey: Latchkey, also: readonly Factor[] = []) {
  const signal = platform()?.signalAllAcceptedCredentials
  if (!signal || !latchkey.user) return
  const { items } = await latchkey.factors.list()
  await tellEach([...items, ...also], latchkey, (userId, rpId) => {
    const those = items.filter((item) => item.rpId === rpId)
    const allAcceptedCredentialIds = those.map(({ credentialId }) => credentialId)
    return signal.call(platform(), { rpId, userId, allAcceptedCredentialIds })
  })
}

/** Tells the device how the user is called now. */
export async function signalUser(latchkey: Latchkey) {
  const signal = platform()?.signalCurrentUserDetails
  if (!signal || !latchkey.user) return
  const { items } = await latchkey.factors.list()
  await tellEach(items, latchkey, (userId, rpId) => {
    const { username = '', name } = latchkey.user ?? {}
    return signal.call(platform(), { rpId, userId, name: username, displayName: name ?? username })
  })
}

type Tell = (userId: string, rpId: string) => Promise<void>

/** Once for each domain. */
async function tellEach(factors: readonly Factor[], { user }: Latchkey, tell: Tell): Promise<void> {
  const rpIds = new Set(factors.flatMap(({ rpId }) => rpId ?? []))
  for (const rpId of rpIds) await tell(handleOf(user?.id ?? ''), rpId)
}

/** The user handle: the 16 bytes of the id. */
function handleOf(id: string): string {
  const pairs = id.replaceAll('-', '').match(/../g) ?? []
  return textOf(Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)))
}
