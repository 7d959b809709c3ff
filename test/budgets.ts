import type { LightMyRequestResponse } from 'fastify'
import { BUDGETS, type BudgetName } from '../src/platform/budgets.ts'
import type { TestServer } from './helper.ts'
import { assertProblem } from './problems.ts'

/** Spends the budget of a key until so many are left. */
export async function leave(
  left: number,
  { services: { budgets } }: Pick<TestServer, 'services'>,
  name: BudgetName,
  key: string,
): Promise<void> {
  for (let spent = left; spent < BUDGETS[name].limit; spent++) await budgets.spend(name, key)
}

/** Compares a whole 429 that names the budget. */
export function assertUsedUp(
  answer: LightMyRequestResponse,
  name: BudgetName,
  { wait, headers = {} }: { wait: number; headers?: Record<string, string> },
): void {
  const { limit, seconds, what } = BUDGETS[name]
  assertProblem(answer, 'rate_limited', {
    detail: `Only ${limit} ${what} are let through in ${seconds} s; try again in ${wait} s.`,
    policies: [name],
    headers: {
      'retry-after': String(wait),
      ratelimit: `"${name}";r=0;t=${wait}`,
      'ratelimit-policy': `"${name}";q=${limit};w=${seconds}`,
      ...headers,
    },
  })
}
