import type { Target } from '../load/target.ts'
import { ensureCompiled } from './install.ts'
import { node, plainRoutes, SECRET, settings } from './shared.ts'

function createExpress(key: 'text' | 'object'): Target {
  const JWT_KEY_OBJECT = key === 'object' ? 'yes' : ''
  return {
    ...plainRoutes,
    name: `Express 5 + jsonwebtoken (key as ${key}) + better-sqlite3`,
    operations: ['verify', 'me', 'login', 'refresh'],
    rotates: true,
    // The server makes its tables when it starts.
    prepare: async () => ensureCompiled(),
    launch: (options) =>
      node('express/server.mjs', { ...settings(options), JWT_SECRET: SECRET, JWT_KEY_OBJECT }),
  }
}

export const express: Target[] = [createExpress('text'), createExpress('object')]
