import type { Contender } from '../compare/contender.ts'
import { databaseIn, node, plainRoutes, run, SECRET, settings } from './shared.ts'

let built: Promise<void> | undefined

/** One build for both platforms. */
function build(): Promise<void> {
  built ??= run(node('nest/build.mjs', {}), 'NestJS could not be compiled')
  return built
}

function createNest(platform: 'fastify' | 'express', title: string): Contender {
  return {
    ...plainRoutes,
    name: `NestJS 12 on ${title} + passport-jwt + Prisma 7`,
    operations: ['verify', 'me', 'login', 'refresh'],
    rotates: true,
    prisma: true,
    notes:
      'HS256 with the secret as text, as its chapters on Passport and Prisma have it; argon2; the adapter for better-sqlite3. Rotation in one interactive transaction. No grace for a lost answer, no reuse detection, no revocation of access tokens, no budgets, no input schemas, no audit.',
    prepare: async (folder) => {
      await build()
      const env = { DATABASE_PATH: databaseIn(folder) }
      await run(node('nest/migrate.mjs', env), 'the tables for NestJS could not be made')
    },
    launch: (options) =>
      node('../node_modules/.peers/nest/dist/main.mjs', {
        ...settings(options),
        JWT_SECRET: SECRET,
        PLATFORM: platform,
      }),
  }
}

export const nest: Contender[] = [
  createNest('fastify', 'Fastify'),
  createNest('express', 'Express'),
]
