import { PreconditionFailed } from '../../contract/errors.ts'
import type { Versions } from '../../platform/database/versions.ts'
import { NotFound, Unavailable } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import type { AdministeredUsers } from '../users/administered-users.ts'
import type { User } from '../users/user.ts'

/** How often a change is decided again when others change the account meanwhile. */
const TURNS = 5

export type Rows = ReturnType<typeof createRows>
type Dependencies = { administeredUsers: Pick<AdministeredUsers, 'findRow'> }

/** Accounts as they are read to be changed. */
export function createRows({ administeredUsers }: Dependencies) {
  /** @throws NotFound without such an account, and for one that is being deleted */
  async function require(id: UserId): Promise<User> {
    const user = await administeredUsers.findRow(id)
    if (!user) throw NotFound({ detail: ({ details }) => details.noSuchAccount })
    return user
  }

  /**
   * Reads an account and changes it, again where somebody else was faster.
   * @param work returns undefined where the account has changed since it was read
   * @throws NotFound, PreconditionFailed, Unavailable, what the work throws
   */
  async function change<T>(
    id: UserId,
    versions: Versions,
    work: (user: User) => Promise<T | undefined>,
  ): Promise<T> {
    for (let turn = 0; turn < TURNS; turn++) {
      const user = await require(id)
      if (!isMeant(user, versions)) throw PreconditionFailed()
      const done = await work(user)
      if (done !== undefined) return done
    }
    throw Unavailable()
  }

  return { require, change }
}

function isMeant({ version }: User, { in: wanted, notIn = [] }: Versions): boolean {
  return (wanted === undefined || wanted.includes(version)) && !notIn.includes(version)
}
