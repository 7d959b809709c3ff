/** How long a stop waits for the last spans, in milliseconds. */
export const FLUSH_TIME = 1000
