// A mail is there a moment after the request that caused it: waits for it, five seconds at most.
import { newMail } from './outbox.js'

const outbox = {
  url: pm.variables.replaceIn(pm.request.url.toString()),
  header: { Accept: 'application/json' },
}
look(50)

function look(times) {
  pm.sendRequest(outbox, (error, response) => {
    const isThere = error || response.code !== 200 || newMail(response, purpose)
    if (!isThere && times > 1) setTimeout(() => look(times - 1), 100)
  })
}
