type Options = {
  /** How long a look that succeeded is still served. */
  keepMs?: number
  now?: () => number
}

/** One look serves all who ask meanwhile, such as the figures of one scrape, or a while later. */
export function lookOnce<Look>(
  look: () => Promise<Look>,
  { keepMs = 0, now = () => performance.now() }: Options = {},
): () => Promise<Look> {
  let looking: Promise<Look> | undefined
  let keepUntil = 0

  async function start(): Promise<Look> {
    try {
      const found = await look()
      keepUntil = now() + keepMs
      return found
    } catch (error) {
      keepUntil = 0
      throw error
    }
  }

  return () => {
    if (looking === undefined || now() >= keepUntil) {
      keepUntil = Number.POSITIVE_INFINITY
      looking = start()
    }
    return looking
  }
}
