import { existsSync } from 'node:fs'
import { loadEnvFile } from 'node:process'
import { defineConfig } from 'prisma/config'

// Settings of the Prisma command line (`npx prisma migrate status`, `npx prisma studio`).
// The server itself applies its migrations at start and does not read this file.

if (existsSync('.env')) loadEnvFile('.env')

const given = process.env.DATABASE_URL ?? 'file:./data/latchkey.db'
const url = given.replace(/^mariadb:/, 'mysql:')
const isMysql = url.startsWith('mysql:')
const mysqlFolder =
  process.env.FOREIGN_KEYS === 'off' ? 'prisma/mysql-without-foreign-keys' : 'prisma/mysql'
const folder = isMysql ? mysqlFolder : 'prisma/sqlite'

export default defineConfig({
  schema: isMysql ? `${folder}/schema.prisma` : 'prisma/schema.prisma',
  migrations: { path: `${folder}/migrations` },
  datasource: { url },
})
