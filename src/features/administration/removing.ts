import { Forbidden } from '../../contract/errors.ts'
import type { Author } from '../../platform/actor.ts'
import type { Versions } from '../../platform/database/versions.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Deletion } from '../accounts/deletion.ts'
import type { Rows } from './rows.ts'

type Dependencies = { rows: Rows; deletion: Pick<Deletion, 'removeFor'> }

/** Deletes accounts of others. */
export function createRemoving({ rows, deletion }: Dependencies) {
  /**
   * Deletes the account with all that belongs to it, as its owner could, and tells the owner.
   * @throws NotFound, PreconditionFailed, Forbidden for one's own account, LastAdmin
   */
  async function remove(id: UserId, author: Author, versions: Versions = {}): Promise<void> {
    await rows.change(id, versions, async (user) => {
      if (author.actorId === id) throw ownAccount()
      return (await deletion.removeFor(user, author)) ? user : undefined
    })
  }

  return remove
}

function ownAccount() {
  return Forbidden({ detail: ({ details }) => details.ownAccount })
}
