// Runs before every request that needs a token, and refreshes the session when that is due.
import { learn, refreshKey } from './session.js'

if (!pm.environment.get('baseUrl')) {
  throw new Error('Choose the environment "Latchkey", at the top right.')
}

const needsToken = pm.request.auth?.type !== 'noauth'
const isDue =
  !pm.environment.get('accessToken') || Date.now() >= Number(pm.environment.get('refreshAt'))
if (needsToken && isDue && pm.environment.get('refreshToken')) refresh()

function refresh() {
  const request = {
    method: 'POST',
    url: `${pm.environment.get('baseUrl')}/refresh`,
    header: { 'Content-Type': 'application/json', 'Idempotency-Key': refreshKey() },
    body: {
      mode: 'raw',
      raw: JSON.stringify({ refresh_token: pm.environment.get('refreshToken') }),
    },
  }
  pm.sendRequest(request, (error, response) => {
    if (error) console.warn(`No answer to the refresh: ${error.message}`)
    else learn(response)
  })
}
