/** Largest body that a route takes unless it says otherwise, in bytes. */
export const BODY_LIMIT = 65_536
/** Longest path with query string, in characters: filters and cursors in any script fit. */
export const URL_LIMIT = 8192
/** Request line and all headers together, in bytes. */
export const HEADER_LIMIT = 16_384
/** How many header fields a request has; browsers send 20, chains of proxies add as many again. */
export const HEADER_FIELDS = 100
/** How many requests of one connection are under way: browsers wait for each answer before the next. */
export const PIPELINE_LIMIT = 32

/** How deep objects and arrays lie in one another in a JSON body; nothing here takes more than 2. */
export const JSON_DEPTH = 20
/** How many members and elements a JSON body has, at all depths together. */
export const JSON_SIZE = 1000
/** How many fields a form has. */
export const FORM_FIELDS = 1000

/** Largest file of an upload, in bytes. */
export const FILE_LIMIT = 5 * 1024 * 1024
/** Largest body of an upload: the file with the boundaries, headers and texts around it. */
export const UPLOAD_LIMIT = FILE_LIMIT + 65_536
/** Largest body of a refused upload that is read to its end, in bytes, so that the client sees why. */
export const UPLOAD_DRAIN_LIMIT = 32 * 1024 * 1024
/** All headers of one part of an upload, in bytes. */
export const PART_HEADER_LIMIT = 8192
/** How many headers one part of an upload has. */
export const PART_HEADER_COUNT = 16
/** How many uploads are received at once: each of them may take twice its file in memory. */
export const UPLOADS_AT_ONCE = 16
/** How many of them one user may have under way, so that slow ones do not shut out everybody else. */
export const UPLOADS_PER_USER = 4

// Times in milliseconds. A slow sender is cut off first, then a slow handler, then a silent socket, so
// that each of them gets the answer that fits.

/** For the headers of a request to arrive. */
export const HEADERS_TIMEOUT = 10_000
/** For a whole request to arrive: 5 MiB from a phone on a slow link, at 0.7 Mbit/s. */
export const REQUEST_TIMEOUT = 60_000
/** For a request to be answered, from its headers on; an upload arrives while its handler runs. */
export const HANDLER_TIMEOUT = 80_000
/** For a connection without traffic. */
export const CONNECTION_TIMEOUT = 90_000
/** For the next request on a connection; above the 60 s that proxies keep theirs. */
export const KEEP_ALIVE_TIMEOUT = 65_000
/** How often Node looks for requests that are late. */
export const LATE_CHECK_INTERVAL = 2000
