/**
 * Composed and caseless (Unicode 3.13), so that `é` finds `É` in either encoding, `ss` finds `ß`,
 * and every sigma the others. Lower case first, since `ẞ` has its own upper case only then; upper
 * case last, since it does not depend on the position. `İ`, `I`, `ı` and `i` are one.
 * @returns at most 3 times as long, in code points and in UTF-8 bytes
 */
export function searchText(text: string): string {
  const folded = text.normalize('NFC').toLowerCase().normalize('NFC').toUpperCase()
  return folded.normalize('NFC').replaceAll('İ', 'I')
}
