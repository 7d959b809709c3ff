// What the scripts of the collection share: the session, as variables of the `store`.

/**
 * The key of the refresh under way. It is kept until the answer is here, so that a lost answer can
 * be asked for again.
 */
export function refreshKey() {
  const key = store.get('refreshKey') || pm.variables.replaceIn('{{$randomUUID}}')
  store.set('refreshKey', key)
  return key
}

/**
 * Takes from any answer what it says about the session. Pages about errors name an `action` too,
 * with status 200.
 */
export function learn(response) {
  const answer = bodyOf(response)
  if (answer.access_token) keepTokens(answer)
  if (response.code !== 401) return
  if (answer.action === 'login') dropTokens()
  if (answer.action === 'refresh') store.set('refreshAt', '0')
}

/** When to refresh is counted from now, by the clock of this computer alone. */
function keepTokens({ access_token, refresh_token, refreshAfter }) {
  store.set('accessToken', access_token)
  store.set('refreshToken', refresh_token || '')
  store.set('refreshAt', String(Date.now() + refreshAfter * 1000))
  store.set('refreshKey', '')
}

function dropTokens() {
  for (const name of ['accessToken', 'refreshToken', 'refreshAt', 'refreshKey']) {
    store.set(name, '')
  }
}

function bodyOf(response) {
  try {
    return response.json() || {}
  } catch {
    return {}
  }
}
