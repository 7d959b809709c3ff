import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'
import type { Options } from './options.ts'
import { API_PATH, type Places } from './places.ts'

const ROOT = fileURLToPath(new URL('../../examples/spa', import.meta.url))

type ServeOptions = Pick<Options, 'isBuilt' | 'hasOneOrigin' | 'folder'>

/**
 * Serves the application: from its sources, with each change at once, or built.
 * @returns a function that ends it
 */
export async function serveApplication(places: Places, options: ServeOptions) {
  // What the application's vite.config.ts reads.
  process.env.VITE_API_URL = options.hasOneOrigin ? API_PATH : places.api
  process.env.LATCHKEY_URL = `http://127.0.0.1:${places.ports.api}`
  const { build, createServer, preview } = await import('vite')
  const listener = { port: places.ports.app, host: '127.0.0.1', strictPort: true }
  const common: InlineConfig = { root: ROOT, logLevel: 'warn', clearScreen: false }
  if (!options.isBuilt) {
    const server = await createServer({ ...common, server: listener })
    await server.listen()
    return () => server.close()
  }
  const outDir = join(options.folder, 'application')
  await build({ ...common, build: { outDir, emptyOutDir: true } })
  const server = await preview({ ...common, build: { outDir }, preview: listener })
  return () => server.close()
}
