/** OpaqueString (RFC 8265 4.2): all spaces as U+0020, then NFC. */
export function preparedPassword(password: string): string {
  return password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')
}

/** As hashed before spaces counted as one; undefined where it is the same. */
export function formerPassword(password: string): string | undefined {
  const former = password.normalize('NFC')
  return former === preparedPassword(password) ? undefined : former
}
