import { Overloaded } from '../../platform/errors/table.ts'
import type { Asker } from '../../platform/queues/fair-queue.ts'
import type { Consumption, RateLimits } from '../../platform/rate-limits/rate-limits.ts'

export type CheckLimit = 'password_check_network' | 'password_check_account'

export type PasswordChecks = ReturnType<typeof createPasswordChecks>
type Dependencies = { rateLimits: Pick<RateLimits<CheckLimit>, 'consumeAll' | 'refundAll'> }

/** Limits checks of passwords by their cost: a right password costs as much as a wrong one. */
export function createPasswordChecks({ rateLimits }: Dependencies) {
  /**
   * Runs a check and counts it, right or wrong; refunds it only if it was not run. The network
   * comes first, so that a network without rest does not use up the limits of accounts.
   * @throws RateLimited, and what the check throws
   */
  async function run<Result>(
    { network, account }: Asker,
    check: () => Promise<Result>,
  ): Promise<Result> {
    const consumptions: Consumption<CheckLimit>[] = [
      ['password_check_network', network],
      ['password_check_account', account],
    ]
    await rateLimits.consumeAll(consumptions)
    try {
      return await check()
    } catch (error) {
      if (Overloaded.is(error)) await rateLimits.refundAll(consumptions)
      throw error
    }
  }

  return { run }
}
