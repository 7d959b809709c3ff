/** Largest body that a route takes unless it says otherwise, in bytes. */
export const BODY_LIMIT = 65_536
/** Longest path with query string, in characters: filters and cursors in any script fit. */
export const URL_LIMIT = 8192
/** Request line and all headers together, in bytes. */
export const HEADER_LIMIT = 16_384

// Times in milliseconds. A slow sender is cut off first, then a slow handler, then a silent socket, so
// that each of them gets the answer that fits.

/** For the headers of a request to arrive. */
export const HEADERS_TIMEOUT = 10_000
/** For a whole request to arrive. */
export const REQUEST_TIMEOUT = 20_000
/** For a request to be answered, from its headers on. */
export const HANDLER_TIMEOUT = 30_000
/** For a connection without traffic. */
export const CONNECTION_TIMEOUT = 40_000
/** For the next request on a connection; above the 60 s that proxies keep theirs. */
export const KEEP_ALIVE_TIMEOUT = 65_000
/** How often Node looks for requests that are late. */
export const LATE_CHECK_INTERVAL = 2000
