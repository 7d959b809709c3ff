// Runs before every request that needs a token, and refreshes the session when that is due.
import { learn, refreshKey } from './session.js'

const needsToken = pm.request.auth?.type !== 'noauth'
const isDue = !store.get('accessToken') || Date.now() >= Number(store.get('refreshAt'))
if (needsToken && isDue && store.get('refreshToken')) refresh()

function refresh() {
  const request = {
    method: 'POST',
    url: `${store.get('baseUrl')}/refresh`,
    header: { 'Content-Type': 'application/json', 'Idempotency-Key': refreshKey() },
    body: {
      mode: 'raw',
      raw: JSON.stringify({ refresh_token: store.get('refreshToken') }),
    },
  }
  pm.sendRequest(request, (error, response) => {
    if (error) console.warn(`No answer to the refresh: ${error.message}`)
    else learn(response)
  })
}
