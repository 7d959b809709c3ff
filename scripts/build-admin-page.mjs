// Builds the page at /admin: dist/admin.
import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const CONFIG = fileURLToPath(new URL('../admin/vite.config.ts', import.meta.url))
const VITE = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url))

/**
 * In a process of its own: Vite would set NODE_ENV=production here, for the server that starts next.
 * @param outDir where it is put; dist/admin by default
 */
export function buildAdminPage(outDir) {
  const { NODE_ENV: _, ...env } = process.env
  const target = outDir === undefined ? [] : ['--outDir', outDir]
  const args = [VITE, 'build', '--config', CONFIG, '--logLevel', 'warn', ...target]
  const { status, error } = spawnSync(process.execPath, args, { env, stdio: 'inherit' })
  if (status !== 0) throw error ?? new Error('The page at /admin could not be built.')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) buildAdminPage()
