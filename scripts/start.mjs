// npm start: builds what has changed, then becomes the server.
import { ensureBuilt } from './build.mjs'

const LOOK_EVERY_MS = 500
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

/** npm signals only the shell that runs the script, and not every shell passes it on. */
function stopWithNpm() {
  if (!process.env.npm_lifecycle_event) return
  const shell = process.ppid
  setInterval(() => {
    if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM')
  }, LOOK_EVERY_MS).unref()
}
