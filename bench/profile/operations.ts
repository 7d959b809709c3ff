export const OPERATIONS = ['verify', 'me', 'login', 'refresh'] as const
export type Operation = (typeof OPERATIONS)[number]

/** How many connections an operation has; a refresh needs a session for each. */
export const CONNECTIONS: Record<Operation, number> = { verify: 50, me: 50, login: 8, refresh: 16 }

export const TITLES: Record<Operation | 'start', string> = {
  start: 'Start to first answer, existing database',
  verify: `GET /verify, ${CONNECTIONS.verify} connections`,
  me: `GET /me, ${CONNECTIONS.me} connections`,
  login: `POST /login, ${CONNECTIONS.login} connections`,
  refresh: `POST /refresh, ${CONNECTIONS.refresh} chains`,
}
