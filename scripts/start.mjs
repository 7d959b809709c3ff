// npm start: builds what has changed, then becomes the server, in one process that signals reach.
import { ensureBuilt } from './build.mjs'

await ensureBuilt()
await import('../dist/main.js')
