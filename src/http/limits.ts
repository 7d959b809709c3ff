/** Largest body unless a route says otherwise, in bytes. */
export const BODY_LIMIT = 65_536
/** Longest path with query, in characters: filters and cursors in any script fit. */
export const URL_LIMIT = 8192
/** Request line and all headers together, in bytes. */
export const HEADER_LIMIT = 16_384
/** Header fields of a request; browsers send 20, proxies add as many again. */
export const HEADER_FIELDS = 100
export const PIPELINE_LIMIT = 32

/** Depth of a JSON body; nothing here takes more than 2 levels. */
export const JSON_DEPTH = 20
/** Members and elements of a JSON body in all. */
export const JSON_SIZE = 1000
export const FORM_FIELDS = 1000

/** Largest file of an upload, in bytes. */
export const FILE_LIMIT = 5 * 1024 * 1024
/** Largest body of an upload: the file with the boundaries, headers and texts around it. */
export const UPLOAD_LIMIT = FILE_LIMIT + 65_536
/** Largest refused upload that is read to its end, in bytes, so that the client sees why. */
export const UPLOAD_DRAIN_LIMIT = 32 * 1024 * 1024
/** All headers of one part of an upload, in bytes. */
export const PART_HEADER_LIMIT = 8192
export const PART_HEADER_COUNT = 16
/** Uploads received at once; each may take twice its file in memory. */
export const UPLOADS_AT_ONCE = 16
/** Uploads of one user beside those that wait for the decoder: one arrives, one is decoded. */
export const UPLOADS_BESIDE_WAITING = 2
/** Slowest pace of an upload, in bytes a second. */
export const SLOWEST_BODY = 4096

// Times in milliseconds. A slow sender is cut off first, then a slow handler, then a silent socket.

export const HEADERS_TIMEOUT = 10_000
/** For a whole request: 5 MiB from a phone on a slow link, at 0.7 Mbit/s. */
export const REQUEST_TIMEOUT = 60_000
/** How long an upload may be slower than that. */
export const SLOWEST_FOR = 5000
/** For a response, from the headers on; an upload arrives while its handler runs. */
export const HANDLER_TIMEOUT = 80_000
export const CONNECTION_TIMEOUT = 90_000
/** Above the 60 s that proxies keep a connection for the next request. */
export const KEEP_ALIVE_TIMEOUT = 65_000
/** For running requests after a stopping server has closed its listener. */
export const CLOSING_TIME = 10_000
export const LATE_CHECK_INTERVAL = 2000
