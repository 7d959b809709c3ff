const BRACKETS = new Set(['BEGIN', 'COMMIT', 'ROLLBACK'])

/**
 * Between the server and its database: while it is off, each statement fails as it does when a
 * database cannot be reached.
 */
export function createSwitch() {
  let away = 0

  /** The brackets of a transaction pass, so that nothing stays locked. @throws Error */
  function check(sql: string): void {
    if (away > 0 && !BRACKETS.has(sql)) throw unreachable()
  }

  /** @returns what brings it back */
  function leave(): () => void {
    away += 1
    return () => {
      away -= 1
    }
  }

  return { check, leave }
}

/** With the code that Prisma gives to it. */
function unreachable(): Error {
  return Object.assign(new Error('The database server cannot be reached.'), { code: 'P1001' })
}
