/**
 * What decides who is who: the username or the e-mail address without regard to the case of ASCII, in
 * which both are written. Other letters stay: the Kelvin sign would become a k, and one name two.
 */
export function nameKey(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
