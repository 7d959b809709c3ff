import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { languages } from './languages.ts'
import { templates } from './templates.ts'

/** Leaves out what only components with a state or a boundary for errors need: there are none. */
const stateless: Plugin = {
  name: 'stateless',
  transform(code, id) {
    if (!id.endsWith('/preact.mjs')) return null
    return code
      .replace(/(\w)\.prototype\.setState=.*?(?=\1\.prototype\.render=)/s, '')
      .replace(/for\(var \w,\w,\w;t=t\.__;\).*?(?=throw )/s, '')
  },
}

/** The page at `/admin`. The server puts the path of PUBLIC_URL before `base`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/admin/',
  publicDir: false,
  plugins: [templates, stateless, languages],
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
