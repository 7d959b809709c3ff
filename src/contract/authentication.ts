/** Two factors (RFC 8176). */
const TWO = 'mfa'

export type Acr = 'aal1' | 'aal2'

/**
 * How a user has signed in, as the session keeps it: `pwd otp mfa`.
 * @param before what was proved before, if anything
 * @param now what this proof has shown
 */
export function amrOf(before: readonly string[], now: readonly string[]): string {
  const isPasskeyAlone = before.length === 0 && now.includes('user')
  const isSecond = before.length > 0 || isPasskeyAlone
  return [...new Set([...before.filter((one) => one !== TWO), ...now])]
    .concat(isSecond ? [TWO] : [])
    .join(' ')
}

/** Two factors are `aal2` (NIST SP 800-63B-4), one is `aal1`. */
export function acrOf(amr: readonly string[]): Acr {
  return amr.includes(TWO) ? 'aal2' : 'aal1'
}
