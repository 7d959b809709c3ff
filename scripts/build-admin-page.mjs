// Builds the page at /admin: dist/admin.
import { fileURLToPath, pathToFileURL } from 'node:url'

const CONFIG = fileURLToPath(new URL('../admin/vite.config.ts', import.meta.url))

/** @param outDir where it is put; dist/admin by default */
export async function buildAdminPage(outDir) {
  const { build } = await import('vite')
  await build({ configFile: CONFIG, logLevel: 'warn', ...(outDir && { build: { outDir } }) })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await buildAdminPage()
