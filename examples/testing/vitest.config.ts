import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['vitest.test.ts'],
    // Where latchkey is installed from a folder, Vitest would compile it as if it were yours.
    server: { deps: { external: [/\/dist\/testing\//] } },
  },
})
