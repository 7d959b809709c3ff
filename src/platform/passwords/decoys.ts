import { createHmac } from 'node:crypto'
import type { PasswordCost } from './argon2.ts'
import { decoyAt, isSameCost, workOf } from './stored-hash.ts'

const WHOLE = 2 ** 32

type Decoy = { cost: PasswordCost; hash: string; count: number }

/**
 * Hashes for unknown names, with the costs of real accounts in the same shares, so that times
 * reveal nothing. A name always has the same one. @param cost of all decoys until `learn`
 * @param key selects the decoy of a name; the same on every server
 */
export function createDecoys(cost: PasswordCost, key: Buffer) {
  const present = decoyAt(cost)
  let decoys: Decoy[] = []

  function of(name: string): string {
    const total = decoys.reduce((sum, { count }) => sum + count, 0)
    let left = (createHmac('sha256', key).update(name).digest().readUInt32BE() / WHOLE) * total
    for (const { count, hash } of decoys) {
      if (left < count) return hash
      left -= count
    }
    return present
  }

  /** @param costs of a sample of stored hashes @returns each cost once */
  function learn(costs: readonly PasswordCost[]): PasswordCost[] {
    const found: Decoy[] = []
    for (const one of costs) {
      const known = found.find((decoy) => isSameCost(decoy.cost, one))
      if (known) known.count += 1
      else found.push({ cost: one, hash: hashAt(one), count: 1 })
    }
    // Sorted, so that names keep their decoys while shares change little.
    decoys = found.toSorted((a, b) => workOf(a.cost) - workOf(b.cost))
    return decoys.map((decoy) => decoy.cost)
  }

  function hashAt(one: PasswordCost): string {
    const known = decoys.find((decoy) => isSameCost(decoy.cost, one))
    return known?.hash ?? (isSameCost(one, cost) ? present : decoyAt(one))
  }

  return { of, learn }
}
