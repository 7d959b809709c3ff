import { createLatchkey } from '@latchkey/client'
import { askForProof, currentLanguage } from './auth/index.ts'

/** The client of this application: one session in all tabs, refreshed in time. */
export const latchkey = createLatchkey({
  baseUrl: import.meta.env.VITE_API_URL ?? 'http://localhost:3000',
  transport: 'cookie',
  language: currentLanguage,
  onStepUp: askForProof,
})
