// Runs after every answer: keeps new tokens, and drops them when the session is over.
import { learn } from './session.js'

learn(pm.response)
