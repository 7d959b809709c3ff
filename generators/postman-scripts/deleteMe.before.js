// Whoever has signed out signs in once more, since only a session can delete its account.
import { learn } from './session.js'

if (!store.get('accessToken')) signIn()

function signIn() {
  const [username, password] = ['username', 'password'].map((name) => store.get(name))
  const request = {
    method: 'POST',
    url: `${store.get('baseUrl')}/login`,
    header: { 'Content-Type': 'application/json' },
    body: { mode: 'raw', raw: JSON.stringify({ username, password }) },
  }
  pm.sendRequest(request, (error, response) => {
    if (!error) learn(response)
  })
}
