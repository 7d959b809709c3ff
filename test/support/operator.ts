import { OPERATOR } from '../../src/platform/actor.ts'
import type { TestServer } from './helper.ts'

/** What an operator does at the command line, to an account by its username or its address. */
export function operator({ services: { administration } }: Pick<TestServer, 'services'>) {
  const { find, change } = administration
  const changed = async (login: string, changes: Parameters<typeof change>[1]) =>
    change(await find(login), changes, OPERATOR)
  return {
    changeRole: (login: string, role: 'user' | 'admin') => changed(login, { role }),
    disable: (login: string) => changed(login, { disabled: true }),
    enable: (login: string) => changed(login, { disabled: false }),
    verifyEmail: async (login: string) => {
      const { id, emailVerified } = await administration.show(await find(login))
      if (!emailVerified) await change(id, { emailVerified: true }, OPERATOR)
      return !emailVerified
    },
    unlock: async (login: string) => administration.unlock(await find(login), OPERATOR),
    endSessionsOf: async (login: string) => administration.endSessions(await find(login), OPERATOR),
    removeFactors: async (login: string) =>
      administration.removeFactors(await find(login), OPERATOR),
    endAllSessions: () => administration.endAllSessions(OPERATOR),
    replaceKeys: () => administration.replaceKeys(OPERATOR),
    sendReset: async (login: string) => administration.sendReset(await find(login), OPERATOR),
  }
}
