// One key for each refresh, and the same one when its answer was lost.
import { refreshKey } from './session.js'

refreshKey()
