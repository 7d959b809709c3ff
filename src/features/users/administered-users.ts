import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { UserId } from '../../platform/ids.ts'
import {
  type AdministeredUser,
  administeredColumns,
  administeredUser,
  stillThere,
} from './administered-user.ts'
import type { LastAdmin } from './last-admin.ts'
import { NO_PENDING_EMAIL, touchedAt, type User, withSearchName } from './user.ts'

/** No notice from before can bring another address back: a thief may have one. */
const moved = (at: Date) => ({
  ...NO_PENDING_EMAIL,
  ...{ emailUndoneFrom: new Date(0), emailUndoneAt: at },
})

/** What administrators write of an account. */
export type AdministeredColumns = Partial<
  Pick<
    User,
    | 'email'
    | 'emailKey'
    | 'emailVerified'
    | 'name'
    | 'role'
    | 'disabledAt'
    | 'deletionDueAt'
    | 'secondFactor'
  >
> & {
  /** Where what signs in changes. */
  credentialVersion?: { increment: number }
}

export type AdministeredUsers = ReturnType<typeof createAdministeredUsers>
type Dependencies = { db: Database; clock: Clock; lastAdmin: LastAdmin }

/** Rows of the User table as administrators read and change them, disabled accounts, too. */
export function createAdministeredUsers({ db, clock, lastAdmin }: Dependencies) {
  /** Undefined without such an account, and for one that is being deleted. */
  async function find(id: UserId): Promise<AdministeredUser | undefined> {
    const [row] = await db.$queryRaw<AdministeredUser[]>(
      sql`SELECT ${administeredColumns} FROM User WHERE id = ${id} AND (${stillThere})`,
    )
    return row && administeredUser(row)
  }

  /** The whole row; undefined like `find`. */
  async function findRow(id: UserId): Promise<User | undefined> {
    const where = { id, OR: [{ disabledAt: null }, { deletionDueAt: null }] }
    const row = await db.user.findFirst({ where })
    return row ? { ...row, id } : undefined
  }

  /**
   * Writes columns of an account that still has the version that was read. Another address ends a
   * change that has begun, and what earlier notices could undo.
   * @returns false if it has changed meanwhile
   * @throws LastAdmin, an error of the unique indexes if the address is taken
   */
  async function change(
    tx: Transaction,
    user: User,
    columns: AdministeredColumns,
  ): Promise<boolean> {
    const { id, version, emailKey } = user
    const isMoved = columns.emailKey !== undefined && columns.emailKey !== emailKey
    const at = new Date(clock())
    const roleChange = columns.role === undefined ? {} : { roleChangedAt: at }
    const data = {
      ...{ ...withSearchName(columns), ...roleChange, ...(isMoved ? moved(at) : {}) },
      ...touchedAt(at),
    }
    const { count } = await tx.user.updateMany({ where: { id, version }, data })
    if (count === 0) return false
    const { role = user.role, disabledAt = user.disabledAt } = columns
    if (role !== 'admin' || disabledAt !== null) await lastAdmin.requireAfter(tx, user)
    return true
  }

  /** Usernames by id, of those that there are. */
  async function namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const where = { id: { in: [...new Set(ids)] }, username: { not: '' } }
    const rows = await db.user.findMany({ where, select: { id: true, username: true } })
    return new Map(rows.map(({ id, username }) => [id, username]))
  }

  return { find, findRow, change, namesOf }
}
