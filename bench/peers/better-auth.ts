import type { AnswerHeaders, Person, Target } from '../load/target.ts'
import { bearer, post } from '../support/requests.ts'
import { ensureCompiled } from './install.ts'
import { databaseIn, node, run, SECRET, settings } from './shared.ts'

type Mode = 'session' | 'cookie-cache' | 'jwt'
type Routes = Pick<Target, 'register' | 'login' | 'sessionOf' | 'verify' | 'me' | 'refresh'>

/** Cookies as the browser would send them back. */
function cookiesIn(headers: AnswerHeaders): string {
  const set = [headers['set-cookie'] ?? []].flat()
  return set.map((cookie) => cookie.split(';', 1)[0]).join('; ')
}

function withCookie(path: string, cookie: string | undefined) {
  return { method: 'GET' as const, path, headers: { cookie: cookie ?? '' } }
}

const signUp = ({ username, email, password }: Person) => ({ name: username, email, password })

const cookieRoutes: Routes = {
  register: (person) => post('/api/auth/sign-up/email', signUp(person)),
  login: ({ email, password }) => post('/api/auth/sign-in/email', { email, password }),
  sessionOf: (text, headers) => ({ access: JSON.parse(text).token, cookie: cookiesIn(headers) }),
  verify: ({ cookie }) => withCookie('/verify', cookie),
  me: ({ cookie }) => withCookie('/me', cookie),
  refresh: ({ cookie }) => withCookie('/api/auth/get-session', cookie),
}

const jwtRoutes: Routes = {
  register: (person) => post('/register', signUp(person)),
  login: ({ email, password }) => post('/login', { email, password }),
  sessionOf: (text) => {
    const { accessToken, session } = JSON.parse(text)
    return { access: accessToken, refresh: session }
  },
  verify: ({ access }) => bearer('GET', '/verify', access),
  me: ({ access }) => bearer('GET', '/verify', access),
  refresh: ({ refresh }) => bearer('POST', '/refresh', refresh),
}

type Variant = Pick<Target, 'operations'> & { mode: Mode; title: string }

function createBetterAuth({ mode, title, operations }: Variant): Target {
  const env = { MODE: mode, BETTER_AUTH_SECRET: SECRET }
  return {
    ...(mode === 'jwt' ? jwtRoutes : cookieRoutes),
    name: `Better Auth 1.7 (${title})`,
    operations,
    rotates: false,
    readyPath: '/api/auth/ok',
    prepare: async (folder) => {
      ensureCompiled()
      const own = { ...env, PORT: '0', DATABASE_PATH: databaseIn(folder), SYNCHRONOUS: 'NORMAL' }
      await run(
        node('better-auth/migrate.mjs', own),
        'the tables for Better Auth could not be made',
      )
    },
    launch: (options) => node('better-auth/server.mjs', { ...env, ...settings(options) }),
  }
}

export const betterAuth: Target[] = [
  createBetterAuth({
    mode: 'session',
    title: 'session in the database',
    operations: ['verify', 'me', 'login'],
  }),
  createBetterAuth({ mode: 'cookie-cache', title: 'cookie cache', operations: ['verify'] }),
  createBetterAuth({ mode: 'jwt', title: 'JWT plugin', operations: ['verify', 'refresh'] }),
]
