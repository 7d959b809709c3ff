import type { AdminUserView } from '../../contract/admin-user.ts'
import type { Author } from '../../platform/actor.ts'
import type { Versions } from '../../platform/database/versions.ts'
import type { UserId } from '../../platform/ids.ts'
import { createAccess } from './access.ts'
import type { Changes } from './changes.ts'
import { createChanging } from './changing.ts'
import { createCreating, type NewAccount } from './creating.ts'
import { createEverybody } from './everybody.ts'
import { createIdentitiesOfUsers } from './identities.ts'
import { createReading } from './reading.ts'
import { createRemoving } from './removing.ts'
import { createRows } from './rows.ts'

type Dependencies = Omit<
  Parameters<typeof createReading>[0] &
    Parameters<typeof createCreating>[0] &
    Parameters<typeof createChanging>[0] &
    Parameters<typeof createRemoving>[0] &
    Parameters<typeof createAccess>[0] &
    Parameters<typeof createIdentitiesOfUsers>[0] &
    Parameters<typeof createRows>[0] &
    Parameters<typeof createEverybody>[0],
  'rows'
>

export type Administration = ReturnType<typeof createAdministration>

/**
 * What administrators and operators do with accounts, the same for the API and the command line.
 * Each function that changes something takes its author, whom the audit log names.
 */
export function createAdministration(dependencies: Dependencies) {
  const parts = { ...dependencies, rows: createRows(dependencies) }
  const reading = createReading(parts)
  const createAccount = createCreating(parts)
  const changeAccount = createChanging(parts)

  /** @returns the new account @throws as `createCreating` says */
  async function create(account: NewAccount, author: Author): Promise<AdminUserView> {
    return reading.show(await createAccount(account, author))
  }

  /** @returns the account as it is now @throws as `createChanging` says */
  async function change(
    id: UserId,
    changes: Changes,
    author: Author,
    versions?: Versions,
  ): Promise<AdminUserView> {
    await changeAccount(id, changes, author, versions)
    return reading.show(id)
  }

  return {
    ...reading,
    ...{ create, change, remove: createRemoving(parts) },
    ...createAccess(parts),
    ...createIdentitiesOfUsers(parts),
    ...createEverybody(parts),
  }
}
