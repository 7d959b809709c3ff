const USER_AGENT_MAX = 255

/** Where a request came from, as far as the server believes it. */
export type Device = { ip: string; userAgent: string | null }

/** The device of a request; the user agent is cut to 255 code points of well-formed text. */
export function describeDevice(ip: string, userAgent: string | undefined): Device {
  if (!userAgent) return { ip, userAgent: null }
  const printable = userAgent.toWellFormed().replace(/\p{Cc}/gu, ' ')
  return { ip, userAgent: [...printable].slice(0, USER_AGENT_MAX).join('') }
}
