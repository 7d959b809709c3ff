import { Type } from 'typebox'
import type { UserId } from '../../platform/ids.ts'

/** A number on a user's start page, from the feature that counts it. */
export type Dashboard = {
  /** The name in the response. */
  name: string
  description: string
  example: number
  count: (userId: UserId) => Promise<number>
}

type Served = { isOn: boolean; dashboard?: Dashboard }

export function dashboardsOf(opened: readonly Served[]): Dashboard[] {
  return opened.flatMap(({ isOn, dashboard }) => (isOn && dashboard ? [dashboard] : []))
}

/** Their fields in the schema of the response. */
export function dashboardFields(dashboards: readonly Dashboard[]) {
  const fields = dashboards.map(({ name, description, example }) => {
    return [name, Type.Integer({ minimum: 0, description, example })] as const
  })
  return Object.fromEntries(fields)
}

export async function countAll(
  dashboards: readonly Dashboard[],
  userId: UserId,
): Promise<Record<string, number>> {
  const counted = dashboards.map(async ({ name, count }) => [name, await count(userId)] as const)
  return Object.fromEntries(await Promise.all(counted))
}
