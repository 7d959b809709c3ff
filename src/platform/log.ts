type Write = (facts: object, message: string) => void

/** The part of the logger that services use; pino has it, and a test needs only this much. */
export type Log = { info: Write; warn: Write; error: Write }
