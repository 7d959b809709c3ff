// The new password becomes the password, and the old one the next new one.
if (pm.response.code === 200) {
  const password = pm.environment.get('password')
  pm.environment.set('password', pm.environment.get('newPassword'))
  pm.environment.set('newPassword', password)
}
