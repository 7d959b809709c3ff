// The new password becomes the password, and the old one the next new one.
if (pm.response.code === 200) {
  const password = store.get('password')
  store.set('password', store.get('newPassword'))
  store.set('newPassword', password)
}
