// What the scripts of the collection share: mails of the outbox.

/**
 * The mail with the challenge that was begun, or where the server began one, the newest for the
 * purpose that no step has read before; with what its link holds.
 */
export function newMail(response, purpose) {
  const begun = store.get('challenge')
  const link = new RegExp(`#purpose=${purpose}&challenge=([\\w-]+)&code=(\\d+)`)
  const { items } = response.code === 200 ? response.json() : { items: [] }
  for (const { id, text } of items) {
    const [, challenge, code] = link.exec(text) || []
    const isNew = begun ? challenge === begun : !store.get('readMails').includes(id)
    if (code && isNew) return { id, challenge, code }
  }
}
