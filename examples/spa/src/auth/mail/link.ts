/** What the link of a mail is for. */
export const PURPOSES = ['verify_email', 'reset_password', 'accept_invite', 'undo_email'] as const
export type Purpose = (typeof PURPOSES)[number]

export type Link = { purpose: Purpose; challenge: string; code: string }

/** Reads the part behind `#`, which reaches no server and no log. */
export function linkIn(hash: string): Link | undefined {
  const parts = new URLSearchParams(hash.slice(1))
  const purpose = PURPOSES.find((known) => known === parts.get('purpose'))
  const challenge = parts.get('challenge')
  const code = parts.get('code')
  return purpose && challenge && code ? { purpose, challenge, code } : undefined
}
