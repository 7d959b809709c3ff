// Starts the product once on an empty database: node scripts/warm-up.mjs FOLDER-OF-SERVER.JS
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const load = (path) => import(pathToFileURL(join(process.argv[2], path)).href)
const { loadConfig } = await load('config/config.js')
const { openLatchkey } = await load('server.js')

const folder = mkdtempSync(join(tmpdir(), 'latchkey-warm-up-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const config = loadConfig({
  DATABASE_URL: `file:${join(folder, 'latchkey.db')}`,
  UPLOADS_DIR: join(folder, 'uploads'),
  LOG_LEVEL: 'silent',
  METRICS: 'on',
})
const { app, close } = await openLatchkey({ config, masterSecrets: [randomBytes(32)] })
await app.inject('/docs/openapi.json')
await close()
