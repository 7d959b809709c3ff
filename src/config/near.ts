/** Whether one letter was added, missing, changed or swapped with its neighbour. */
export function isNear(one: string, other: string): boolean {
  const from = [...one].findIndex((letter, index) => letter !== other[index])
  if (from === -1) return other.length - one.length <= 1
  const [rest, otherRest] = [one.slice(from), other.slice(from)]
  return (
    rest.slice(1) === otherRest ||
    rest === otherRest.slice(1) ||
    rest.slice(1) === otherRest.slice(1) ||
    `${rest[1]}${rest[0]}${rest.slice(2)}` === otherRest
  )
}
