// What `prisma migrate deploy` does, whose engine npm does not bring.
import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'

const db = new Database(process.env.DATABASE_PATH)
db.pragma('journal_mode = WAL')
db.exec(readFileSync(new URL('prisma/migration.sql', import.meta.url), 'utf8'))
db.close()
