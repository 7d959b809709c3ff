import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { templates } from './templates.ts'

/** The page at `/admin`. The server puts the path of PUBLIC_URL before `base`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/admin/',
  publicDir: false,
  plugins: [templates],
  build: {
    outDir: '../dist/admin',
    emptyOutDir: true,
    // The policy of the page allows files of its own server, and no `data:`.
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2023',
    cssTarget: ['chrome130', 'firefox130', 'safari18'],
  },
})
