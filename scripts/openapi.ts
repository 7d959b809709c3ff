// Writes openapi.yaml from the routes.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/config/config.ts'
import { openLatchkey } from '../src/server.ts'

const DOCUMENT = new URL('../openapi.yaml', import.meta.url)

const folder = mkdtempSync(join(tmpdir(), 'latchkey-openapi-'))
try {
  const env = { DATABASE_URL: `file:${join(folder, 'empty.db')}`, LOG_LEVEL: 'silent' }
  const { app, close } = await openLatchkey({
    config: loadConfig(env),
    masterSecrets: [randomBytes(32)],
  })
  const { statusCode, body } = await app.inject('/openapi.yaml')
  if (statusCode !== 200) throw new Error(body)
  writeFileSync(DOCUMENT, body)
  await close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
