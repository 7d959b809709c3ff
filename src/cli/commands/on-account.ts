import type { UserId } from '../../platform/ids.ts'
import type { Services } from '../../services.ts'
import { withServices } from '../server.ts'
import type { Given, Result, Word } from '../word.ts'

/** The account that a command is about, and how the operator named it. */
type Account = { id: UserId; name: string }

/** A command on one account, by its username or e-mail address. */
export function onAccount(
  word: Omit<Word, 'run'>,
  work: (services: Services, account: Account, given: Given) => Promise<Result>,
): Word {
  async function run(given: Given): Promise<Result> {
    const [name = ''] = given.args
    return withServices(given, async (services) => {
      const id = await services.administration.find(name)
      return work(services, { id, name }, given)
    })
  }
  return { ...word, run }
}
