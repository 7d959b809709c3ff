// What the scripts of the collection share: the two passwords.

/** The new password becomes the password, and the old one the next new one. */
export function swapPasswords() {
  const password = store.get('password')
  store.set('password', store.get('newPassword'))
  store.set('newPassword', password)
}
