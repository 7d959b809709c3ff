import { createServerSessions } from '@latchkey/client/server'

export const sessions = createServerSessions({
  baseUrl: process.env.LATCHKEY_URL ?? 'http://localhost:3000',
})
