// npm start: builds what has changed, then becomes the server.
import { ensureBuilt } from './build.mjs'
import { stopWithNpm } from './stop-with-npm.mjs'

const OLDEST_NODE = 20

refuseOldNode()
stopWithNpm()
await ensureBuilt()
await import('../dist/main.js')

function refuseOldNode() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return
  console.error(`Latchkey needs Node.js 20.19, 22.12, 24 or later; this is ${process.version}.`)
  process.exit(1)
}
