import { defineConfig } from 'cypress'
import { startLatchkey } from 'latchkey/testing'

// The server lives as long as Cypress; tests reach it by tasks.
export default defineConfig({
  e2e: {
    specPattern: 'cypress.cy.ts',
    supportFile: false,
    async setupNodeEvents(on, config) {
      const latchkey = await startLatchkey()
      on('task', {
        reset: () => latchkey.reset().then(() => null),
        aUser: (wish) => latchkey.aUser(wish),
        lastMail: (to) => latchkey.lastMail(to),
        dropNextResponse: (match) => latchkey.dropNextResponse(match).then(() => null),
      })
      on('after:run', () => latchkey.close())
      return { ...config, baseUrl: latchkey.url }
    },
  },
})
