import { betterAuth } from 'better-auth'
import { bearer, jwt } from 'better-auth/plugins'
import Database from 'better-sqlite3'

const { PORT, DATABASE_PATH, SYNCHRONOUS, BETTER_AUTH_SECRET, MODE } = process.env
const HOUR = 3600

const database = new Database(DATABASE_PATH)
database.pragma('journal_mode = WAL')
database.pragma(`synchronous = ${SYNCHRONOUS}`)

/** `MODE` is `session`, `cookie-cache` or `jwt`: what a protected route believes. */
export const auth = betterAuth({
  database,
  secret: BETTER_AUTH_SECRET,
  baseURL: `http://127.0.0.1:${PORT}`,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  logger: { level: 'error' },
  // The documentation has 5 minutes; a run of the benchmark is longer.
  session: { cookieCache: { enabled: MODE === 'cookie-cache', maxAge: HOUR } },
  plugins: MODE === 'jwt' ? [bearer(), jwt({ jwt: { expirationTime: '1h' } })] : [],
})
