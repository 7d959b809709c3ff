import { defineConfig, loadEnv } from 'vite'

/**
 * `VITE_API_URL` is the address of Latchkey: an origin of its own (http://localhost:3000 without a
 * setting), or a path such as `/api` of the origin that serves this application. For a path the
 * development server forwards to `LATCHKEY_URL`, as a proxy does in production.
 */
export default defineConfig(({ mode }) => {
  const { VITE_API_URL = '', LATCHKEY_URL = 'http://localhost:3000' } = loadEnv(mode, '.', '')
  const proxy = VITE_API_URL.startsWith('/') ? { [VITE_API_URL]: LATCHKEY_URL } : {}
  return {
    // Passkeys and cookies belong to `localhost`, not to 127.0.0.1.
    server: { port: 5173, strictPort: true, proxy },
    preview: { port: 5173, strictPort: true, proxy },
    build: { target: 'es2023', cssTarget: ['chrome130', 'firefox130', 'safari18'] },
  }
})
