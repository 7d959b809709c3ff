import type { AdminUserView } from '../../contract/admin-user.ts'
import { NotFound } from '../../platform/errors/table.ts'
import { loginKey } from '../../platform/identity.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import type { Asker } from '../../platform/queues/fair-queue.ts'
import type { LockEnds } from '../lockout/lock-ends.ts'
import type { AdministeredUsers } from '../users/administered-users.ts'
import type { Users } from '../users/service.ts'
import type { Status, UserFilter, UserList, UserSort } from '../users/user-list.ts'
import { adminUserView } from './view.ts'

export type UserQuery = {
  q?: string
  role?: string
  status?: Status
  sort?: UserSort
  cursor?: string
  size?: string
}

type Dependencies = {
  users: Pick<Users, 'findByKey'>
  administeredUsers: Pick<AdministeredUsers, 'find'>
  userList: UserList
  lockEnds: LockEnds
  cursors: Cursors
}

/** What administrators see of accounts. */
export function createReading(dependencies: Dependencies) {
  const { users, administeredUsers, userList, cursors } = dependencies
  const { lockEndsOf } = dependencies.lockEnds

  /**
   * A page of accounts, newest first unless sorted otherwise. One that exists the whole time is on
   * exactly one page. @throws ValidationFailed for a cursor of another list, Overloaded
   */
  async function list(query: UserQuery, asker?: Asker) {
    const { sort = '-createdAt', cursor = '', size = '20', ...filter } = query
    const name = listName(sort, filter)
    const from = cursors.open(cursor, name)
    const { items, next } = await userList.after(filter, sort, { from, size: Number(size), asker })
    const ends = await lockEndsOf(items.map(({ id }) => id))
    return {
      items: items.map((user) => adminUserView(user, ends.get(user.id))),
      nextCursor: cursors.seal(next, name),
    }
  }

  /** @throws NotFound without such an account, and for one that is being deleted */
  async function show(id: UserId): Promise<AdminUserView> {
    const user = await administeredUsers.find(id)
    if (!user) throw NotFound({ detail: ({ details }) => details.noSuchAccount })
    return adminUserView(user, (await lockEndsOf([id])).get(id))
  }

  /** The id of an account, by its username or its address. @throws NotFound */
  async function find(login: string): Promise<UserId> {
    const user = await users.findByKey(loginKey(login))
    if (!user) throw NotFound({ detail: ({ details }) => details.noAccountOfName })
    return user.id
  }

  return { list, show, find }
}

/** Names a list, so that its cursors fit no other one. */
function listName(sort: UserSort, { q, role, status }: UserFilter): string {
  return JSON.stringify(['users', sort, q ?? '', role ?? '', status ?? ''])
}
