import type { Contender } from '../compare/contender.ts'
import { node, plainRoutes, SECRET, settings } from './shared.ts'

const NOTES =
  'Rotation consumes the old token and stores the new one in one transaction. No grace for a lost answer, no reuse detection, no revocation of access tokens, no budgets, no input schemas, no audit.'

function createExpress(key: 'text' | 'object'): Contender {
  const JWT_KEY_OBJECT = key === 'object' ? 'yes' : ''
  return {
    ...plainRoutes,
    name: `Express 5 + jsonwebtoken (key as ${key}) + better-sqlite3`,
    operations: ['verify', 'me', 'login', 'refresh'],
    rotates: true,
    prisma: false,
    notes:
      key === 'text'
        ? `HS256 with the secret as text, as in the examples of jsonwebtoken; argon2. ${NOTES}`
        : `The same server with the secret as a KeyObject. ${NOTES}`,
    // The server makes its tables when it starts.
    prepare: async () => {},
    launch: (options) =>
      node('express/server.mjs', { ...settings(options), JWT_SECRET: SECRET, JWT_KEY_OBJECT }),
  }
}

export const express: Contender[] = [createExpress('text'), createExpress('object')]
