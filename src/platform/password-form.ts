/**
 * A password in the form that is measured, compared and hashed (OpaqueString, RFC 8265 4.2): spaces of
 * every kind are U+0020, since keyboards type several, and then NFC.
 */
export function preparedPassword(password: string): string {
  return password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')
}

/** The form that was hashed before spaces counted as one; undefined where it is the same. */
export function formerPassword(password: string): string | undefined {
  const former = password.normalize('NFC')
  return former === preparedPassword(password) ? undefined : former
}
