type Write = (facts: object, message: string) => void

/** The part of pino's logger that services use. */
export type Log = { info: Write; warn: Write; error: Write }
