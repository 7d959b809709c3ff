import { createRequire } from 'node:module'
import { lazy } from '../lazy.ts'
import { requireCode } from '../load-code.ts'

/** Of eight characters, without a year and a sign. */
const SHORTEST_WORD = 3
/** Shorter numbers occur in many numbers by chance. */
const SHORTEST_NUMBER = 5
/** Digits and signs to remove in all, beside one year. */
const DECORATIONS = 4
const YEAR = /(?:19|20)\d\d/
const YEAR_LENGTH = 4

const require = createRequire(import.meta.url)

/** 60 ms and 15 MB, so not before the first password is chosen. */
const listed = lazy(() => {
  const { dictionary } = requireCode<Library>(() => require('@zxcvbn-ts/language-common'))
  const words = (dictionary['passwords-common'] ?? []).map(String)
  return new Set(words.filter((word) => word.length >= SHORTEST_WORD)).add('latchkey')
})
type Library = typeof import('@zxcvbn-ts/language-common')

/** Signs that stand for letters; those of the last line for two. */
const LEET: Record<string, string> = {
  ...{ '0': 'o', '2': 'z', '3': 'e', '4': 'a', '5': 's', '6': 'g', '7': 't', '8': 'b', '9': 'g' },
  ...{ '@': 'a', $: 's', '+': 't', '(': 'c', '€': 'e' },
}
const LEET_SIGN = /[02-9@$+(€]/g
const LEET_I_OR_L = /[1!|]/g

/**
 * Whether attackers try it first: a common word, also with leet, a year, up to four digits and
 * signs around it (NIST SP 800-63B-4 3.1.1.2). @param folded in lower case
 */
export function isCommonPassword(folded: string): boolean {
  const front = /^\P{L}*/u.exec(folded)?.[0] ?? ''
  const behind = /\P{L}*$/u.exec(folded)?.[0] ?? ''
  const most = DECORATIONS + YEAR_LENGTH
  for (let start = 0; start <= Math.min(front.length, most); start++) {
    const left = folded.length - start - SHORTEST_WORD
    for (let cut = 0; cut <= Math.min(behind.length, most, left); cut++) {
      const end = folded.length - cut
      const decorations = [folded.slice(0, start), folded.slice(end)]
      if (areUsual(decorations) && isListed(folded.slice(start, end), decorations)) return true
    }
  }
  return false
}

function areUsual(decorations: string[]): boolean {
  const { length } = decorations.join('')
  if (length <= DECORATIONS) return true
  return length <= DECORATIONS + YEAR_LENGTH && decorations.some((text) => YEAR.test(text))
}

function isListed(word: string, decorations: string[]): boolean {
  if (listed().has(word)) return /\p{L}/u.test(word) || isNumber(word, decorations)
  if (!/\p{L}/u.test(word)) return false
  const plain = word.replace(LEET_SIGN, (sign) => LEET[sign] ?? sign)
  return ['i', 'l'].some((letter) => listed().has(plain.replace(LEET_I_OR_L, letter)))
}

function isNumber(word: string, decorations: string[]): boolean {
  return word.length >= SHORTEST_NUMBER || !decorations.some((text) => /\d/.test(text))
}
