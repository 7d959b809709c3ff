import type { Config } from '../config.ts'

/** What the settings say about browsers; made once, and handed to all that meet one. */
export type Browsers = {
  /** Whether pages of this origin may use cookies here and read the answers. */
  isAllowed: (origin: string) => boolean
}

/** Development servers choose their ports as they like. */
const LOCAL_ORIGIN = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/

export function createBrowsers({
  production,
  http,
}: Pick<Config, 'production' | 'http'>): Browsers {
  const listed = new Set(http.allowedOrigins)
  return {
    isAllowed: (origin) => listed.has(origin) || (!production && LOCAL_ORIGIN.test(origin)),
  }
}
